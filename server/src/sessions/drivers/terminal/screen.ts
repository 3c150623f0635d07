/** What is on a terminal's screen: the bytes that a program writes go in, the lines that a person would see come out. */
import { guardTerminal } from "@lodge/shared";
import { Terminal } from "@xterm/headless";

export interface Size {
  cols: number;
  rows: number;
}

/** Lines kept above the screen. Dialogs are read from the screen itself; this is for whoever looks into a failure. */
const scrollback = 1000;

export class Screen implements Disposable {
  readonly #terminal: Terminal;
  readonly #listeners = new Set<() => void>();
  #backlog = 0;

  /** @param reply what the terminal answers when a program asks it something, such as where its cursor is */
  constructor({ cols, rows }: Size, reply: (text: string) => void) {
    this.#terminal = new Terminal({ cols, rows, scrollback, allowProposedApi: true });
    guardTerminal(this.#terminal);
    this.#terminal.onData(reply);
  }

  /** Bytes that were written and are not on the screen yet. */
  get backlog(): number {
    return this.#backlog;
  }

  write(bytes: Uint8Array): void {
    this.#backlog += bytes.length;
    this.#terminal.write(bytes, () => {
      this.#backlog -= bytes.length;
      for (const listener of this.#listeners) listener();
    });
  }

  resize({ cols, rows }: Size): void {
    this.#terminal.resize(cols, rows);
  }

  get size(): Size {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** The visible lines, top to bottom, without white space at their ends. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
    );
  }

  get text(): string {
    return this.lines.join("\n").trim();
  }

  /** Resolves when all that was written is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write("", resolve));
  }

  get cursor(): { x: number; y: number } {
    const { active } = this.#terminal.buffer;
    return { x: active.cursorX, y: active.cursorY };
  }

  /** Whether the program has asked for pastes to be marked: only then does it take them as such. */
  get takesPastes(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  /** Calls back after each change; the return value ends that. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#terminal.dispose();
  }
}
