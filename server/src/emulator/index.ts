/** One headless terminal: takes what a program writes, and tells at any time the bytes that bring another to the same state. */
import {
  applyRemainder,
  type Core,
  coreOf,
  guardTerminal,
  type Remainder,
  resizeTerminal,
  splitState,
  terminalLimits,
} from "@lodge/shared";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/headless";
import { isAtGround, spareLists } from "./internals.ts";
import { serialize } from "./serialize.ts";

export interface Size {
  cols: number;
  rows: number;
}

export interface Snapshot extends Size {
  /** Bytes of output and changes of size that went into it. */
  offset: number;
  state: Uint8Array<ArrayBuffer>;
  /** The same without scrollback; null where that makes little difference. */
  screen: Uint8Array<ArrayBuffer> | null;
}

/** Bytes of state beyond which a viewer sees the screen first: parsing more takes longer than a person notices. */
const largeBytes = 64 * 1024;
/** Bytes parsed before others have their turn: about half a millisecond. */
const sliceBytes = 16 * 1024;
/**
 * Of a flood, slices after which it rests, and for how many milliseconds. Between two slices others have what is due already
 * and no more; and where there are few cores, the processes of other sessions need them too.
 */
const slicesBeforeRest = 8;
const restMs = 4;
const escape = 0x1b;
/** Of a chunk: escapes from its end, and bytes at its end, at which an unfinished sequence may have begun. */
const sequencesLookedAt = 4;
const tailBytes = 256;
/** Bytes kept of an unfinished sequence. Of a longer one only the beginning is told: the rest of it will have no effect. */
const pendingBytes = 64 * 1024;
const introducerBytes = 8;

const encoder = new TextEncoder();

export interface EmulatorOptions {
  /** What the terminal answers when a program asks it something, such as where its cursor is. */
  reply?: (text: string) => void;
  /** Lines kept above the screen. */
  scrollback?: number;
  /** Told of output that the emulator failed at; it goes on with what comes after. */
  onProblem?: (error: unknown) => void;
  onTitle?: (title: string) => void;
  /** Told when something more of what was written is on the screen. */
  onChange?: () => void;
}

type Task =
  | { type: "write"; bytes: Uint8Array }
  | { type: "resize"; size: Size }
  /** The end of a snapshot's text. */
  | { type: "remainder"; remainder: Remainder };

export class Emulator implements Disposable {
  readonly #terminal: Terminal;
  readonly #core: Core;
  readonly #onProblem: (error: unknown) => void;
  readonly #onChange: () => void;
  readonly #tasks: Task[] = [];
  /** Those who wait for a place in what was written to be on the screen, in the order of the places. */
  readonly #waiting: { place: number; wake: () => void }[] = [];
  /** Of the next slice, while one is due. */
  #cancelSlice: (() => void) | undefined;
  /** Since there was nothing to do. */
  #slicesInARow = 0;
  /** Bytes that may be parsed before others have their turn. */
  #budget = sliceBytes;
  #backlog = 0;
  /** What was written since the parser was last between two sequences. */
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  #written = 0;
  #applied = 0;
  #latest: Snapshot | undefined;
  #disposed = false;

  constructor({ cols, rows }: Size, { reply, scrollback, onProblem, onTitle, onChange }: EmulatorOptions = {}) {
    this.#terminal = new Terminal({
      cols,
      rows,
      scrollback: scrollback ?? terminalLimits.scrollback,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    guardTerminal(this.#terminal);
    if (reply) this.#terminal.onData(reply);
    if (onTitle) this.#terminal.onTitleChange(onTitle);
    this.#core = coreOf(this.#terminal);
    spareLists(this.#core);
    this.#onProblem = onProblem ?? (() => {});
    this.#onChange = onChange ?? (() => {});
  }

  /** What it shows, and in what modes. */
  get terminal(): Terminal {
    return this.#terminal;
  }

  /** Bytes that were written and are not on the screen yet. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Bytes of output and changes of size that are on the screen. */
  get offset(): number {
    return this.#applied;
  }

  /** On the screen at once, unless there is so much before it that others would have to wait. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      this.#add({ type: "write", bytes: bytes.subarray(at, at + sliceBytes) });
    }
  }

  /** Takes the state of another of the same size, as a snapshot tells it. */
  restore(state: Uint8Array): void {
    const { text, remainder, rest } = splitState(state);
    this.write(text);
    if (remainder) this.#add({ type: "remainder", remainder });
    this.write(rest);
  }

  /** After all that was written before. */
  resize(size: Size): void {
    this.#add({ type: "resize", size });
  }

  /**
   * The state after all that was written so far, and maybe some of what came since: a program that never pauses keeps
   * nobody waiting. Null when the emulator is disposed of meanwhile.
   */
  async snapshot(): Promise<Snapshot | null> {
    if (this.#tasks.length > 0) await new Promise<void>((resolve) => this.onIdle(resolve));
    if (this.#disposed) return null;
    this.#latest ??= this.#take();
    return this.#latest;
  }

  /** Calls back when all that was written so far is on the screen. */
  onIdle(callback: () => void): void {
    if (this.#tasks.length === 0) callback();
    else this.#waiting.push({ place: this.#written, wake: callback });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#tasks.length = 0;
    this.#cancelSlice?.();
    for (const { wake } of this.#waiting.splice(0)) wake();
    this.#terminal.dispose();
  }

  #add(task: Task): void {
    if (this.#disposed) return;
    if (task.type === "write") this.#backlog += task.bytes.length;
    this.#written += costOf(task);
    this.#tasks.push(task);
    // At once while there is time for it: a key's echo is short.
    this.#work();
  }

  /** As much as may be done before others have their turn; the rest after. */
  #work(): void {
    while (this.#budget > 0) {
      const task = this.#tasks.shift();
      if (!task) break;
      this.#do(task);
      this.#budget -= costOf(task);
      while ((this.#waiting[0]?.place ?? Number.POSITIVE_INFINITY) <= this.#applied) this.#waiting.shift()?.wake();
    }
    if (this.#budget === sliceBytes) return;
    if (this.#cancelSlice) return;
    const goOn = () => {
      this.#cancelSlice = undefined;
      this.#budget = sliceBytes;
      if (this.#tasks.length === 0) this.#slicesInARow = 0;
      this.#work();
    };
    if (++this.#slicesInARow % slicesBeforeRest === 0) {
      const timer = setTimeout(goOn, restMs);
      this.#cancelSlice = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(goOn);
      this.#cancelSlice = () => clearImmediate(immediate);
    }
  }

  #do(task: Task): void {
    this.#latest = undefined;
    try {
      if (task.type === "write") for (const piece of pieces(task.bytes)) this.#parse(piece);
      else if (task.type === "resize") resizeTerminal(this.#terminal, task.size);
      else applyRemainder(this.#terminal, task.remainder);
    } catch (error) {
      this.#core._inputHandler._parser.reset();
      this.#pending = [];
      this.#pendingLength = 0;
      this.#onProblem(error);
    }
    if (task.type === "write") this.#backlog -= task.bytes.length;
    this.#applied += costOf(task);
    this.#onChange();
  }

  #take(): Snapshot {
    const state = this.#state("all");
    return {
      offset: this.#applied,
      cols: this.#terminal.cols,
      rows: this.#terminal.rows,
      state,
      screen: state.length > largeBytes ? this.#state("screen") : null,
    };
  }

  #state(part: "all" | "screen"): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Buffer.concat([encoder.encode(serialize(this.#terminal, part)), ...this.#pending]));
  }

  /** Without the terminal's own queue: a failure in there would be nobody's to catch. */
  #parse(piece: Uint8Array): void {
    void this.#core._inputHandler.parse(piece);
    if (isAtGround(this.#core)) {
      this.#pending = [];
      this.#pendingLength = 0;
      return;
    }
    this.#pendingLength += piece.length;
    if (this.#pendingLength <= pendingBytes) this.#pending.push(piece);
    else this.#pending = [Buffer.concat([...this.#pending, piece]).subarray(0, introducerBytes)];
  }
}

/** What it counts for in the stream. */
const costOf = (task: Task): number => (task.type === "write" ? task.bytes.length : task.type === "resize" ? 1 : 0);

/** The chunk, cut where its last sequences and its last character begin: one of them may be unfinished. */
function pieces(bytes: Uint8Array): Uint8Array[] {
  const cuts: number[] = [];
  for (let at = bytes.length; cuts.length < sequencesLookedAt && at > 0;) {
    at = bytes.lastIndexOf(escape, at - 1);
    if (at < 0) break;
    cuts.push(at);
  }
  const from = Math.max(0, bytes.length - tailBytes);
  for (let at = bytes.length - 1; at >= from; at--) {
    const byte = bytes[at] as number;
    // A character of several bytes; C1 controls begin sequences too, and are such.
    if (byte >= 0xc0 && (at > bytes.length - 4 || (byte === 0xc2 && isControl(bytes[at + 1])))) cuts.push(at);
  }
  const ends = [...new Set([0, ...cuts, bytes.length])].sort((a, b) => a - b);
  return ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
}

const isControl = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x80 && byte <= 0x9f;
