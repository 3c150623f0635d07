/**
 * Takes down one terminal, from its first output to its end. What comes is gathered and written twice a second; more
 * than a bound never waits for the disk. A disk that does not do its part ends the recording, not the terminal.
 */
import { StringDecoder } from "node:string_decoder";
import { recordingLimits, type RecordingFault, type RecordingState } from "@lodge/shared";
import type { Size, Snapshot } from "../../emulator/index.ts";
import { type CastEvent, eventLine, headerLine } from "./cast.ts";
import { EventEncoder, type RecordedEvent } from "./event-encoder.ts";
import type { Segments } from "./segments.ts";
import type { Recorded, Tape } from "./tape.ts";

export interface RecorderOptions {
  recorded: Recorded;
  segments: Segments;
  /** Bytes after which the next segment begins. */
  segmentBytes: number;
  /** Whether what is typed is taken down too. */
  withInput: boolean;
  title: string;
  now: () => number;
  /** Its first bytes are about to be written. What is thrown ends the recording. */
  onBegin: () => void;
  /** A segment is done, and another begins. */
  onSegment: () => void;
  /** It is over; nothing is written any more. */
  onEnd: () => void;
  /** Told once, of the first failure. */
  onProblem: (error: unknown) => void;
}

/** Something that came, and the terminal's offset when it had come. */
type Taken = RecordedEvent & { end: number };

/** Milliseconds that what comes is gathered: so much is lost at most when the server is killed. */
const gatherMs = 500;
/** Bytes that are written at once. */
const gatherBytes = 256 * 1024;
/** Bytes that may wait for the disk. */
const maxPending = 16 * 1024 * 1024;
/** Bytes that an event counts for beside its own. */
const eventCost = 64;

export class Recorder implements Tape {
  readonly startedAt: number;
  readonly #options: RecorderOptions;
  #state: RecordingState = { name: "recording" };
  #pending: Taken[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #offset = 0;
  #latestAt = 0;
  readonly #encoder = new EventEncoder();
  #ended: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.startedAt = options.now();
  }

  get state(): RecordingState {
    return this.#state;
  }

  get size(): Size {
    return this.#options.recorded.size;
  }

  /** Milliseconds up to its latest event. */
  get durationMs(): number {
    return this.#latestAt;
  }

  output(offset: number, bytes: Uint8Array): void {
    this.#take({ type: "output", at: this.#elapsed(), end: offset + bytes.length, bytes }, bytes.length);
  }

  resized(offset: number, size: Size): void {
    this.#take({ type: "resize", at: this.#elapsed(), end: offset + 1, size });
  }

  typed(bytes: Uint8Array): void {
    if (!this.#options.withInput) return;
    this.#take({ type: "input", at: this.#elapsed(), end: this.#offset, bytes: bytes.slice() }, bytes.length);
  }

  mark(text: string): void {
    const line = text.replaceAll(/\s+/g, " ").trim().slice(0, recordingLimits.mark);
    this.#take({ type: "mark", at: this.#elapsed(), end: this.#offset, text: line });
  }

  end(): void {
    void this.finish();
  }

  /** Everything that came so far is on disk. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What is being written waits no more, and is not there yet either.
    while ((this.#work || this.#pending.length > 0) && this.#state.name === "recording") {
      await (this.#work ??= this.#write().finally(() => (this.#work = undefined)));
    }
  }

  /** It ends here, with all that came so far; resolves when that is on disk. */
  finish(): Promise<void> {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  async #finish(): Promise<void> {
    if (this.#state.name === "recording") await this.flush();
    if (this.#state.name === "recording") await this.#close({ name: "complete" });
  }

  #elapsed(): number {
    // A clock that is set back takes nothing back.
    return Math.max(this.#latestAt, this.#options.now() - this.startedAt);
  }

  #take(taken: Taken, bytes = 0): void {
    if (this.#state.name !== "recording" || this.#ended) return;
    this.#offset = taken.end;
    this.#latestAt = taken.at;
    this.#pending.push(taken);
    this.#pendingBytes += bytes + eventCost;
    if (this.#pendingBytes > maxPending) return this.#fail("too_slow", new Error("the disk does not keep up"));
    if (this.#pendingBytes >= gatherBytes) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), gatherMs);
  }

  async #write(): Promise<void> {
    const { segments, segmentBytes } = this.#options;
    try {
      while (this.#pending.length > 0 && this.#state.name === "recording") {
        const size = segments.currentBytes;
        if (size === null) await this.#begin();
        else if (size >= segmentBytes && !this.#ended) await this.#turn();
        await this.#writeEvents(this.#pending.splice(0));
      }
    } catch (error) {
      this.#fail("write_failed", error);
    }
  }

  async #begin(): Promise<void> {
    const { segments, recorded, title, onBegin } = this.#options;
    onBegin();
    await segments.next();
    await segments.write(headerLine(recorded.size, this.startedAt, title));
  }

  /** The next segment begins where the terminal is now: all from before belongs to this one. */
  async #turn(): Promise<void> {
    const { segments, recorded, title, onSegment } = this.#options;
    const snapshot = await recorded.snapshot();
    // The terminal is no more: what is left of it is little.
    if (!snapshot) return;
    const before = this.#takeUntil(snapshot.offset);
    await this.#writeEvents(before);
    const at = before.at(-1)?.at ?? this.#pending[0]?.at ?? this.#latestAt;
    await segments.next();
    const screen: CastEvent = { type: "output", at, text: wholeText(snapshot) };
    await segments.write(headerLine(snapshot, this.startedAt + at, title) + eventLine(screen));
    onSegment();
  }

  /** What came up to an offset; a chunk that goes beyond it is cut there. */
  #takeUntil(offset: number): Taken[] {
    const next = this.#pending.findIndex(({ end }) => end > offset);
    const before = this.#pending.splice(0, next === -1 ? this.#pending.length : next);
    const [first] = this.#pending;
    if (first?.type !== "output") return before;
    const known = first.bytes.length - (first.end - offset);
    if (known <= 0) return before;
    this.#pending[0] = { ...first, bytes: first.bytes.subarray(known) };
    return [...before, { ...first, end: offset, bytes: first.bytes.subarray(0, known) }];
  }

  async #writeEvents(events: readonly Taken[]): Promise<void> {
    if (this.#pending.length === 0) this.#pendingBytes = 0;
    for (const lines of this.#encoder.encode(events)) await this.#options.segments.write(lines);
  }

  #fail(fault: RecordingFault, error: unknown): void {
    if (this.#state.name !== "recording") return;
    this.#options.onProblem(error);
    void this.#close({ name: "incomplete", fault });
  }

  async #close(state: RecordingState): Promise<void> {
    this.#state = state;
    clearTimeout(this.#timer);
    this.#pending = [];
    this.#pendingBytes = 0;
    // A file that cannot be closed is not open any more either.
    await this.#options.segments.close().catch(() => {});
    this.#options.onEnd();
  }
}

/** Of a character whose last bytes have not come yet nothing: it comes whole with the next output. */
const wholeText = ({ state }: Snapshot): string => new StringDecoder("utf8").write(view(state));

const view = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);
