/** By what the emulator's screen is drawn: the graphics card, or elements of the page. */
import { WebglAddon } from "@xterm/addon-webgl";
import type { Terminal } from "@xterm/xterm";
import { hasGraphicsCard } from "./graphics-card.ts";
import type { Renderer } from "./preferences.ts";

export class Drawing implements Disposable {
  readonly #terminal: Terminal;
  #renderer: Renderer | null = null;
  #webgl: WebglAddon | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  use(renderer: Renderer): void {
    if (renderer === this.#renderer) return;
    this.#renderer = renderer;
    // Without a card the processor works out every pixel, which takes several times as long as elements do.
    const isByCard = renderer === "webgl" || (renderer === "auto" && hasGraphicsCard());
    if (!isByCard) this.#release();
    else if (this.#webgl === null) this.#load();
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  #load(): void {
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => {
        // Drawn by the page once the card has forgotten it.
        webgl.dispose();
        if (this.#webgl === webgl) this.#webgl = null;
      });
      this.#terminal.loadAddon(webgl);
      this.#webgl = webgl;
    } catch {
      // No WebGL here: the emulator's own renderer does.
    }
  }

  #release(): void {
    if (this.#webgl === null) return;
    const canvases = this.#terminal.element?.querySelectorAll("canvas") ?? [];
    this.#webgl.dispose();
    this.#webgl = null;
    // A browser has few of them, and the add-on leaves its own to the collector of garbage, whenever that comes.
    for (const canvas of canvases) canvas.getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
