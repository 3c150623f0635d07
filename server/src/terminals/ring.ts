/** The end of a terminal's stream, kept so that whoever lost the connection for a moment gets just what was missed. */
import type { Size } from "./emulator/index.ts";

export type StreamEvent =
  | { type: "output"; offset: number; bytes: Uint8Array }
  /** Counts one. */
  | ({ type: "resize"; offset: number } & Size);

export class Ring {
  readonly #capacity: number;
  readonly #events: StreamEvent[] = [];
  #end = 0;
  #bytes = 0;

  /** @param capacity bytes of output kept; changes of size count as some each, so that they are bounded too */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The first offset that is still there. */
  get start(): number {
    return this.#events[0]?.offset ?? this.#end;
  }

  /** The next offset. */
  get end(): number {
    return this.#end;
  }

  write(bytes: Uint8Array): void {
    this.#add({ type: "output", offset: this.#end, bytes }, bytes.length, bytes.length);
  }

  resize({ cols, rows }: Size): void {
    this.#add({ type: "resize", offset: this.#end, cols, rows }, 1, resizeCost);
  }

  /** Whether all from this offset on is still there. */
  reaches(offset: number): boolean {
    return offset >= this.start && offset <= this.#end;
  }

  /** What comes at an offset that is there: the rest of a piece of output, or a change of size; null at the end. */
  at(offset: number, maxBytes: number): StreamEvent | null {
    const event = this.#find(offset);
    if (!event || event.type === "resize") return event;
    const skip = offset - event.offset;
    return { type: "output", offset, bytes: event.bytes.subarray(skip, skip + maxBytes) };
  }

  #find(offset: number): StreamEvent | null {
    if (offset >= this.#end) return null;
    let [low, high] = [0, this.#events.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#events[middle] as StreamEvent).offset <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#events[low] ?? null;
  }

  #add(event: StreamEvent, length: number, cost: number): void {
    this.#events.push(event);
    this.#end += length;
    this.#bytes += cost;
    let gone = 0;
    while (this.#bytes > this.#capacity && gone < this.#events.length - 1) {
      const first = this.#events[gone++] as StreamEvent;
      this.#bytes -= first.type === "output" ? first.bytes.length : resizeCost;
    }
    if (gone > 0) this.#events.splice(0, gone);
  }
}

/** Bytes that a change of size counts for. */
const resizeCost = 64;
