/**
 * The end of a terminal's stream, kept so that whoever lost the connection for a moment gets just what was missed. One
 * piece of memory that is written over and over: a flood of output leaves nothing behind to be collected.
 */
import type { Size } from "../emulator/index.ts";

export type StreamEvent =
  /** The bytes are the ring's own, and only good until more is written. */
  | { type: "output"; offset: number; bytes: Uint8Array }
  /** Counts one. */
  | Resize;

type Resize = { type: "resize"; offset: number } & Size;

/** Bytes of memory at first, doubled as more comes: most terminals never say much. */
const firstBytes = 16 * 1024;
/** One change of size may be kept for each so many bytes of capacity, so that they are bounded too. */
const bytesPerResize = 64;

export class Ring {
  readonly #capacity: number;
  /** The byte at an offset is at the offset's remainder; a change of size leaves its place unused. */
  #memory: Uint8Array;
  /** In the order of their offsets. */
  readonly #resizes: Resize[] = [];
  #start = 0;
  #end = 0;

  /** @param capacity bytes of output kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#memory = new Uint8Array(Math.min(firstBytes, capacity));
  }

  /** The first offset that is still there. */
  get start(): number {
    return this.#start;
  }

  /** The next offset. */
  get end(): number {
    return this.#end;
  }

  write(bytes: Uint8Array): void {
    this.#advance(bytes.length);
    const size = this.#memory.length;
    const kept = bytes.subarray(Math.max(0, bytes.length - size));
    const at = (this.#end - kept.length) % size;
    const first = kept.subarray(0, size - at);
    this.#memory.set(first, at);
    this.#memory.set(kept.subarray(first.length), 0);
  }

  resize({ cols, rows }: Size): void {
    this.#resizes.push({ type: "resize", offset: this.#end, cols, rows });
    this.#advance(1);
    if (this.#resizes.length > Math.max(1, this.#capacity / bytesPerResize)) {
      this.#start = (this.#resizes.shift()?.offset ?? 0) + 1;
    }
  }

  /** Whether all from this offset on is still there. */
  reaches(offset: number): boolean {
    return offset >= this.#start && offset <= this.#end;
  }

  /** What comes at an offset that is there: the next piece of output, or a change of size; null at the end. */
  at(offset: number, maxBytes: number): StreamEvent | null {
    if (offset >= this.#end) return null;
    const resize = this.#resizeFrom(offset);
    if (resize?.offset === offset) return resize;
    const at = offset % this.#memory.length;
    const length = Math.min(maxBytes, (resize?.offset ?? this.#end) - offset, this.#memory.length - at);
    return { type: "output", offset, bytes: this.#memory.subarray(at, at + length) };
  }

  /** The first one at an offset or after it. */
  #resizeFrom(offset: number): Resize | undefined {
    let [low, high] = [0, this.#resizes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#resizes[middle] as Resize).offset < offset) low = middle + 1;
      else high = middle;
    }
    return this.#resizes[low];
  }

  /** Makes room for what comes, at the expense of the oldest where there is no more to be had. */
  #advance(length: number): void {
    const wanted = this.#end - this.#start + length;
    if (wanted > this.#memory.length && this.#memory.length < this.#capacity) this.#grow(wanted);
    this.#end += length;
    this.#start = Math.max(this.#start, this.#end - this.#memory.length);
    let gone = 0;
    while ((this.#resizes[gone]?.offset ?? this.#start) < this.#start) gone++;
    if (gone > 0) this.#resizes.splice(0, gone);
  }

  #grow(wanted: number): void {
    const before = this.#memory;
    let size = before.length;
    while (size < wanted) size *= 2;
    this.#memory = new Uint8Array(Math.min(size, this.#capacity));
    // Piece by piece, since what is in one piece there need not be in one here.
    for (let offset = this.#start; offset < this.#end;) {
      const [from, to] = [offset % before.length, offset % this.#memory.length];
      const length = Math.min(this.#end - offset, before.length - from, this.#memory.length - to);
      this.#memory.set(before.subarray(from, from + length), to);
      offset += length;
    }
  }
}
