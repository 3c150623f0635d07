/** Who types and sets the size: one viewer of a terminal at a time. */
import { type TerminalDenial } from "@lodge/shared";
import type { Size } from "../emulator/index.ts";
import type { LiveTerminal } from "./live-terminal.ts";
import type { Viewer } from "./viewer.ts";

/** Milliseconds for which a size must stay as it is before the program is told of it: dragging a window gives dozens. */
const settleMs = 80;

export class Control implements Disposable {
  readonly #terminal: LiveTerminal;
  #holder: Viewer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: LiveTerminal) {
    this.#terminal = terminal;
  }

  get holder(): Viewer | undefined {
    return this.#holder;
  }

  /** Why this viewer cannot hold the control; null when it can. */
  denial(viewer: Viewer): TerminalDenial | null {
    if (!this.#terminal.hasKeyboard) return "no_keyboard";
    return viewer.role === "control" ? null : "viewer_only";
  }

  /** Takes the control, from whoever has it. */
  request(viewer: Viewer): void {
    const reason = this.denial(viewer);
    if (reason) return viewer.tell({ type: "control", event: { name: "denied", reason } });
    const before = this.#holder;
    if (before !== viewer) {
      this.#hold(viewer);
      if (before) this.#terminal.observer?.controlGivenUp(before);
      before?.tell({ type: "control", event: { name: "taken", by: viewer.summary() } });
    }
    viewer.tell({ type: "control", event: { name: "granted" } });
    if (before === viewer) return;
    this.#terminal.tellViewers();
    if (viewer.fit) this.resize(viewer, viewer.fit);
  }

  /** Takes the control if nobody has it; returns whether the viewer holds it now. */
  take(viewer: Viewer): boolean {
    if (this.#holder || this.denial(viewer)) return this.#holder === viewer;
    this.#hold(viewer);
    if (viewer.fit) this.resize(viewer, viewer.fit);
    return true;
  }

  #hold(viewer: Viewer): void {
    this.#holder = viewer;
    this.#terminal.observer?.controlTaken(viewer);
  }

  release(viewer: Viewer): void {
    if (this.#holder !== viewer) return;
    this.#holder = undefined;
    this.#terminal.observer?.controlGivenUp(viewer);
    clearTimeout(this.#timer);
    viewer.tell({ type: "control", event: { name: "released" } });
    this.#terminal.tellViewers();
  }

  /** Once it has settled; nothing when the viewer does not hold the control. */
  resize(viewer: Viewer, size: Size): void {
    if (this.#holder !== viewer) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#terminal.resize(size), settleMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#holder = undefined;
  }
}
