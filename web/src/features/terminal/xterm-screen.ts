/** The emulator in the page: xterm.js with its addons, and nothing of React. */
import { resizeTerminal, terminalLimits } from "@lodge/shared";
import { ClipboardAddon, type ClipboardSelectionType, type IClipboardProvider } from "@xterm/addon-clipboard";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";
import { Drawing } from "./drawing.ts";
import { emulateAlike, restoreState } from "./emulation.ts";
import { fontSizeFor, type Size } from "./fit.ts";
import { minimumContrast } from "./palette.ts";
import type { Renderer, TerminalPreferences } from "./preferences.ts";
import type { TerminalScreen } from "./screen-queue.ts";
import { scrollOnce } from "./scroll-once.ts";
import "@xterm/xterm/css/xterm.css";

export interface XtermOptions {
  theme: ITheme;
  fontSize: number;
  screenReader: boolean;
  renderer: Renderer;
  onInput: (text: string) => void;
  /** Whether a program may put something on the clipboard. */
  mayCopy: () => boolean;
  onSelection: (hasSelection: boolean) => void;
  /** How many places were found of what is searched for, and which one of them is shown, from 0; -1 for none. */
  onFound: (count: number, shown: number) => void;
  /** True for a key that is taken for something else. */
  onKey: (event: KeyboardEvent) => boolean;
}

const fontFamily = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace';

/** Milliseconds to wait for a picture. */
const hiddenMs = 200;

export class XtermScreen implements TerminalScreen, Disposable {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #drawing: Drawing;
  #preferred: number;
  #hasContent = false;

  constructor(host: HTMLElement, options: XtermOptions) {
    this.#preferred = options.fontSize;
    this.#terminal = new Terminal({
      allowProposedApi: true,
      scrollback: terminalLimits.scrollback,
      fontFamily,
      fontSize: options.fontSize,
      theme: options.theme,
      minimumContrastRatio: minimumContrast,
      screenReaderMode: options.screenReader,
      cursorBlink: false,
      macOptionIsMeta: true,
    });
    const terminal = this.#terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    emulateAlike(terminal);
    terminal.loadAddon(new WebLinksAddon((_event, uri) => window.open(uri, "_blank", "noopener,noreferrer")));
    terminal.loadAddon(new ClipboardAddon(undefined, new WriteOnlyClipboard(options.mayCopy)));
    terminal.attachCustomKeyEventHandler((event) => !options.onKey(event));
    terminal.onData(options.onInput);
    this.#search.onDidChangeResults(({ resultCount, resultIndex }) => options.onFound(resultCount, resultIndex));
    terminal.onSelectionChange(() => options.onSelection(terminal.hasSelection()));
    terminal.open(host);
    scrollOnce(terminal);
    terminal.textarea?.setAttribute("aria-label", "Terminal input");
    this.#drawing = new Drawing(terminal);
    this.#drawing.use(options.renderer);
    this.#markFirstPaint();
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.#terminal.write(bytes, () => {
      if (bytes.length > 0) this.#hasContent = true;
      done();
    });
  }

  restore(state: Uint8Array, done: () => void): void {
    restoreState(this.#terminal, state, () => {
      this.#hasContent = true;
      done();
    });
  }

  /** Milliseconds are for a page that is not shown, which draws nothing. */
  async painted(): Promise<void> {
    const { promise: rendered, resolve } = Promise.withResolvers<void>();
    const rendering = this.#terminal.onRender(() => resolve());
    const timer = setTimeout(resolve, hiddenMs);
    await rendered;
    clearTimeout(timer);
    rendering.dispose();
    // It is drawn, and on the screen with the end of this frame.
    await new Promise((next) => setTimeout(next));
  }

  resize(cols: number, rows: number): void {
    resizeTerminal(this.#terminal, { cols, rows });
  }

  reset(): void {
    this.#terminal.reset();
  }

  /** The size that the window has room for in letters as the person wants them; null while it is not shown. */
  fitting(): Size | null {
    this.#setFontSize(this.#preferred);
    const size = this.#fit.proposeDimensions();
    return size === undefined || !(size.cols > 1 && size.rows > 0) ? null : size;
  }

  /** Makes the letters as small as they must be for all of the terminal to be seen. */
  shrinkToFit(): void {
    const fitting = this.fitting();
    if (fitting === null) return;
    const { cols, rows } = this.#terminal;
    this.#setFontSize(fontSizeFor(this.#preferred, fitting, { cols, rows }));
  }

  /** Whoever calls sees to it that the terminal still fits. */
  setPreferences({ fontSize, screenReader, renderer }: TerminalPreferences): void {
    this.#preferred = fontSize;
    this.#terminal.options.screenReaderMode = screenReader;
    this.#drawing.use(renderer);
  }

  setTheme(theme: ITheme): void {
    this.#terminal.options.theme = theme;
  }

  get takesApplicationKeys(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** As if it were typed, marked as a paste where the program has asked for that. */
  paste(text: string): void {
    this.#terminal.paste(text);
  }

  find(text: string, direction: "next" | "previous", isTyping = false): boolean {
    const options = { incremental: isTyping, decorations: searchColours };
    return direction === "next" ? this.#search.findNext(text, options) : this.#search.findPrevious(text, options);
  }

  endFind(): void {
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  focus(): void {
    this.#terminal.focus();
  }

  [Symbol.dispose](): void {
    this.#drawing[Symbol.dispose]();
    this.#terminal.dispose();
  }

  /** Tells the browser's timeline, and so whoever measures, when there was something to see. */
  #markFirstPaint(): void {
    const rendering = this.#terminal.onRender(() => {
      if (!this.#hasContent) return;
      rendering.dispose();
      // This frame is on the screen by then.
      setTimeout(() => performance.mark("terminal-painted"));
    });
  }

  #setFontSize(pixels: number): void {
    if (this.#terminal.options.fontSize !== pixels) this.#terminal.options.fontSize = pixels;
  }
}

const searchColours = { matchOverviewRuler: "#9a5700", activeMatchColorOverviewRuler: "#1f7155" };

/** What a program may do with the clipboard: put something there, never look. */
class WriteOnlyClipboard implements IClipboardProvider {
  readonly #mayCopy: () => boolean;

  constructor(mayCopy: () => boolean) {
    this.#mayCopy = mayCopy;
  }

  readText(): string {
    return "";
  }

  async writeText(_selection: ClipboardSelectionType, text: string): Promise<void> {
    // Refused by the browser where the page has no right to: the program never learns either way.
    if (this.#mayCopy()) await navigator.clipboard?.writeText(text).catch(() => {});
  }
}
