/** What is on a terminal's screen: the bytes that a program writes go in, the lines that a person would see come out. */
import { Emulator, type Size } from "../../../emulator/index.ts";

export type { Size } from "../../../emulator/index.ts";

/** Lines kept above the screen. Dialogs are read from the screen itself; this is for whoever looks into a failure. */
const scrollback = 1000;
/** Bytes of a flood between two looks: what more is on its way soon takes the place of what is seen. */
const lookBytes = 512 * 1024;

export interface ScreenOptions {
  /** What the terminal answers when a program asks it something, such as where its cursor is. */
  reply: (text: string) => void;
  /** Told when some of what was written has been taken in, with the bytes that are still to come. */
  onProgress: (backlog: number) => void;
}

export class Screen implements Disposable {
  readonly #emulator: Emulator;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  /** The emulator's offset at the latest look. */
  #lookedAt = 0;
  /** What is shown, until something changes. */
  #lines: string[] | undefined;

  constructor(size: Size, { reply, onProgress }: ScreenOptions) {
    this.#size = size;
    this.#emulator = new Emulator(size, {
      reply,
      scrollback,
      onChange: () => {
        this.#lines = undefined;
        this.#look();
        onProgress(this.backlog);
      },
    });
  }

  /** Bytes that were written and are not on the screen yet. */
  get backlog(): number {
    return this.#emulator.backlog;
  }

  write(bytes: Uint8Array): void {
    this.#emulator.write(bytes);
  }

  resize(size: Size): void {
    this.#size = size;
    this.#emulator.resize(size);
  }

  get size(): Size {
    return this.#size;
  }

  /** The visible lines, top to bottom, without white space at their ends. */
  get lines(): readonly string[] {
    return (this.#lines ??= this.#read());
  }

  get text(): string {
    return this.lines.join("\n").trim();
  }

  /** Resolves when all that was written is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#emulator.onIdle(resolve));
  }

  get cursor(): { x: number; y: number } {
    const { active } = this.#emulator.terminal.buffer;
    return { x: active.cursorX, y: active.cursorY };
  }

  /** Whether the program has asked for pastes to be marked: only then does it take them as such. */
  get takesPastes(): boolean {
    return this.#emulator.terminal.modes.bracketedPasteMode;
  }

  /** Calls back when something else is shown and nothing more is on its way, of a flood now and then; until disposed. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#emulator[Symbol.dispose]();
  }

  /** Reading a screen leaves a string for each of its characters behind: with each piece of a flood, that was most of its garbage. */
  #look(): void {
    const { backlog, offset } = this.#emulator;
    if (backlog > 0 && offset - this.#lookedAt < lookBytes) return;
    this.#lookedAt = offset;
    for (const listener of this.#listeners) listener();
  }

  #read(): string[] {
    const { buffer, rows } = this.#emulator.terminal;
    const { active } = buffer;
    return Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "");
  }
}
