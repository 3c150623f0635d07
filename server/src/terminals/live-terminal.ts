/**
 * One session's screen: what its source writes goes into one emulator and one ring, and from there to everyone who
 * watches. It lives as long as the source's process, whether or not anybody looks.
 */
import { edenGC } from "bun:jsc";
import { gzipSync } from "node:zlib";
import { type DriverName, limits, type TerminalCloseCode, type TerminalState, terminalLimits } from "@lodge/shared";
import { Emulator, type Size, type Snapshot } from "../emulator/index.ts";
import { Control } from "./control.ts";
import type { Recorded, Tape } from "./recording/tape.ts";
import { Ring } from "./ring.ts";
import type { TerminalSource } from "./source.ts";
import type { Viewer } from "./viewer.ts";

/** Told of what those who watch do. */
export interface TerminalObserver {
  attached(viewer: Viewer): void;
  left(viewer: Viewer): void;
  controlTaken(viewer: Viewer): void;
  controlGivenUp(viewer: Viewer): void;
  /** How much, not what. */
  typed(viewer: Viewer, bytes: number): void;
}

export interface TerminalOptions {
  sessionId: string;
  driver: DriverName;
  source: TerminalSource;
  state: TerminalState;
  observer?: TerminalObserver | undefined;
  /** Begins to take it down, if it is to be. */
  record?: ((recorded: Recorded) => Tape | undefined) | undefined;
  /** Told of output that the emulator failed at. */
  onProblem?: ((error: unknown) => void) | undefined;
}

/** Bytes of output kept for those who come back. */
const ringBytes = 2 * 1024 * 1024;
/** Milliseconds that output is gathered before it goes out, and bytes that go out at once. */
const gatherMs = 4;
const gatherBytes = terminalLimits.outputBytes;
/** Milliseconds after typing in which output goes out as it comes. */
const directMs = 100;
/** Bytes that wait for the emulator, at which the program is stopped and let go on. */
const highWater = 1024 * 1024;
const lowWater = 256 * 1024;
/**
 * Bytes of a flood after which what it left in memory is collected: the engine by itself lets its heap double first. What
 * is new is looked through often, in some 3 ms; all there is, for what was still needed then, now and then, in some 40.
 */
const collectNewBytes = 2 * 1024 * 1024;
const collectAllBytes = 8 * 1024 * 1024;
/** Milliseconds between two words about the title. */
const titleMs = 100;
/** Bytes above which a snapshot is compressed. */
const gzipBytes = 16 * 1024;

/** A snapshot as it goes over the wire. */
export interface PackedSnapshot extends Snapshot {
  gzip: boolean;
}

export class LiveTerminal implements Disposable {
  readonly sessionId: string;
  readonly driver: DriverName;
  /** Names the stream that offsets belong to: another process is another stream. */
  readonly stream = crypto.randomUUID();
  readonly control: Control;
  readonly viewers = new Set<Viewer>();

  readonly #source: TerminalSource;
  readonly observer: TerminalObserver | undefined;
  readonly #emulator: Emulator;
  readonly #ring = new Ring(ringBytes);
  readonly #tape: Tape | undefined;
  readonly #stack = new DisposableStack();
  #state: TerminalState;
  #title = "";
  #titleTimer: NodeJS.Timeout | undefined;
  #size: Size;
  /** Bytes that those who watch were not sent yet. */
  #gatheredBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #directUntil = 0;
  #paused = false;
  /** Offsets at which what was new, and all, was collected. */
  #collectedNewAt = 0;
  #collectedAllAt = 0;
  #packed: { of: Snapshot; packed: PackedSnapshot } | undefined;

  constructor({ sessionId, driver, source, state, observer, record, onProblem }: TerminalOptions) {
    this.sessionId = sessionId;
    this.driver = driver;
    this.#source = source;
    this.#state = state;
    this.#size = source.size;
    this.observer = observer;
    this.control = new Control(this);
    // What the program asks its terminal is answered by the source's own emulator, if it has one.
    this.#emulator = this.#stack.use(
      new Emulator(source.size, { onTitle: (title) => this.#setTitle(title), ...(onProblem ? { onProblem } : {}) }),
    );
    this.#tape = record?.({ sessionId, driver, size: source.size, snapshot: () => this.#emulator.snapshot() });
    this.#stack.defer(() => this.#tape?.end());
    this.#stack.use(source.onOutput((bytes) => this.#output(bytes)));
    this.#stack.defer(() => clearTimeout(this.#timer));
    this.#stack.defer(() => clearTimeout(this.#titleTimer));
    this.#stack.defer(() => this.#resume());
    this.#stack.use(this.control);
  }

  get state(): TerminalState {
    return this.#state;
  }

  /** Whether its source is no more. */
  get isOver(): boolean {
    return this.#stack.disposed;
  }

  get title(): string {
    return this.#title;
  }

  /** Who watches, by name, the first to come first; `control` for the one who types. */
  get audience(): { name: string; control: boolean }[] {
    return [...this.viewers].map((viewer) => ({ name: viewer.name, control: this.control.holder === viewer }));
  }

  get size(): Size {
    return this.#size;
  }

  get ring(): Ring {
    return this.#ring;
  }

  get hasKeyboard(): boolean {
    return this.#source.keyboard !== undefined;
  }

  setState(state: TerminalState): void {
    if (Bun.deepEquals(state, this.#state)) return;
    this.#state = state;
    for (const viewer of this.viewers) viewer.tell({ type: "state", state });
  }

  /** Of all that was written; those who watch get what they were not sent yet. */
  async snapshot(): Promise<PackedSnapshot | null> {
    this.#pump();
    const snapshot = await this.#emulator.snapshot();
    if (!snapshot) return null;
    if (this.#packed?.of !== snapshot) {
      const gzip = snapshot.state.length > gzipBytes;
      const state = gzip ? gzipSync(snapshot.state, { level: 1 }) : snapshot.state;
      this.#packed = { of: snapshot, packed: { ...snapshot, gzip, state: new Uint8Array(state) } };
    }
    return this.#packed.packed;
  }

  /** Types. Whether the viewer may was decided before. False when the program does not read what is typed. */
  input(viewer: Viewer, bytes: Uint8Array<ArrayBuffer>): boolean {
    this.#directUntil = performance.now() + directMs;
    if (this.#source.keyboard?.write(bytes) !== true) return false;
    this.#tape?.typed(bytes);
    this.observer?.typed(viewer, bytes.length);
    return true;
  }

  resize({ cols, rows }: Size): void {
    if (cols === this.#size.cols && rows === this.#size.rows) return;
    const size = { cols, rows };
    this.#size = size;
    this.#source.keyboard?.resize(size);
    this.#emulator.resize(size);
    this.#tape?.resized(this.#ring.end, size);
    this.#ring.resize(size);
    this.#pump();
  }

  attach(viewer: Viewer): void {
    this.viewers.add(viewer);
    this.observer?.attached(viewer);
    this.tellViewers();
  }

  detach(viewer: Viewer): void {
    if (!this.viewers.delete(viewer)) return;
    this.control.release(viewer);
    this.observer?.left(viewer);
    this.tellViewers();
  }

  tellViewers(): void {
    const viewers = [...this.viewers].map((viewer) => viewer.summary());
    for (const viewer of this.viewers) viewer.tell({ type: "viewers", viewers });
  }

  /** The source is no more: viewers get what it wrote last, and are closed. */
  end(code: TerminalCloseCode, reason: string, state: TerminalState): void {
    this.#pump();
    this.setState(state);
    for (const viewer of this.viewers) viewer.close(code, reason);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
    this.viewers.clear();
  }

  /** It is in all its places at once, and nowhere copied but into the ring. Only those who watch get it by and by. */
  #output(bytes: Uint8Array): void {
    this.#tape?.output(this.#ring.end, bytes);
    this.#ring.write(bytes);
    this.#emulator.write(bytes);
    this.#restrain();
    // What still waits would be kept, and so be no longer new when it is looked through next.
    if (this.#emulator.backlog <= lowWater) this.#collect();
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= gatherBytes || performance.now() < this.#directUntil) this.#pump();
    else this.#timer ??= setTimeout(() => this.#pump(), gatherMs);
  }

  /** A program that writes faster than the emulator reads is stopped meanwhile: nothing of the screen is ever dropped. */
  #restrain(): void {
    const { keyboard } = this.#source;
    if (!keyboard || this.#paused || this.#emulator.backlog < highWater) return;
    this.#paused = true;
    keyboard.pause();
    const check = () => {
      if (this.#emulator.backlog > lowWater) return void setImmediate(check);
      this.#collect();
      this.#resume();
    };
    setImmediate(check);
  }

  #collect(): void {
    const { end } = this.#ring;
    if (end - this.#collectedNewAt < collectNewBytes) return;
    this.#collectedNewAt = end;
    if (end - this.#collectedAllAt < collectAllBytes) return void edenGC();
    this.#collectedAllAt = end;
    Bun.gc(true);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.keyboard?.resume();
  }

  #setTitle(title: string): void {
    this.#title = title.slice(0, limits.text);
    // A program may change it with every line.
    this.#titleTimer ??= setTimeout(() => {
      this.#titleTimer = undefined;
      for (const viewer of this.viewers) viewer.tell({ type: "title", title: this.#title });
    }, titleMs);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gatheredBytes = 0;
    for (const viewer of this.viewers) viewer.pump();
  }
}
