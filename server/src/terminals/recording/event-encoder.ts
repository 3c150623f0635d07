/**
 * Events of a recording as the bytes of their lines. Output is copied into one piece of memory that is used again, byte
 * by byte: as strings, a flood would leave five times its own size behind to be collected.
 */
import { isUtf8 } from "node:buffer";
import type { Size } from "../../emulator/index.ts";
import { eventEnd, eventLine, eventStart } from "./cast.ts";

/** Something that came, at so many milliseconds. */
export type RecordedEvent =
  | { type: "output" | "input"; at: number; bytes: Uint8Array }
  | { type: "resize"; at: number; size: Size }
  | { type: "mark"; at: number; text: string };

/** Bytes of output in one event, at most. */
const eventBytes = 16 * 1024;
/** Bytes of memory that is used again: room for an event of nothing but control characters. */
const memoryBytes = 128 * 1024;
/** Bytes that one byte may become (`\u001b`), and that an event has beside them. */
const bytesPerByte = 6;
const eventOverhead = 64;

const nothing = Buffer.alloc(0);

export class EventEncoder {
  #memory: Buffer | undefined;
  /** Of characters that a chunk cut in two, what has come. */
  readonly #cut = { output: nothing, input: nothing };

  /** Their lines. Each piece is good until the next is asked for. */
  *encode(events: readonly RecordedEvent[]): Generator<Uint8Array> {
    const wanted = events.reduce((sum, event) => sum + room(event), 0);
    const memory =
      wanted <= memoryBytes ? Buffer.allocUnsafe(wanted) : (this.#memory ??= Buffer.allocUnsafe(memoryBytes));
    let end = 0;
    for (const event of events) {
      for (const part of this.#parts(event)) {
        if (end + room(part) > memory.length) {
          yield memory.subarray(0, end);
          end = 0;
        }
        end = write(part, memory, end);
      }
    }
    if (end > 0) yield memory.subarray(0, end);
  }

  /** Each with whole characters only, and no larger than the memory has room for. */
  *#parts(event: RecordedEvent): Generator<RecordedEvent> {
    if (event.type === "resize" || event.type === "mark") return yield event;
    const { type, at } = event;
    for (let from = 0; from < event.bytes.length; from += eventBytes) {
      const slice = event.bytes.subarray(from, from + eventBytes);
      const bytes = this.#cut[type].length === 0 ? slice : Buffer.concat([this.#cut[type], slice]);
      const whole = bytes.length - cutLength(bytes);
      this.#cut[type] = whole === bytes.length ? nothing : Buffer.from(bytes.subarray(whole));
      if (whole > 0) yield { type, at, bytes: asUtf8(bytes.subarray(0, whole)) };
    }
  }
}

const room = (event: RecordedEvent): number =>
  eventOverhead +
  bytesPerByte * ("bytes" in event ? event.bytes.length : event.type === "mark" ? event.text.length : 0);

function write(event: RecordedEvent, memory: Buffer, from: number): number {
  if (!("bytes" in event)) return from + memory.write(eventLine(event), from);
  const start = from + memory.write(eventStart(event), from, "latin1");
  const end = escape(event.bytes, memory, start);
  return end + memory.write(eventEnd, end, "latin1");
}

/** As JSON spells them in a string: what is no control character, quote or backslash stands for itself. */
function escape(bytes: Uint8Array, memory: Buffer, from: number): number {
  let end = from;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) memory[end++] = byte;
    else end += memory.write(escapes[byte] as string, end, "latin1");
  }
  return end;
}

const escapes: readonly string[] = Array.from({ length: 0x5d }, (_, code) =>
  JSON.stringify(String.fromCharCode(code)).slice(1, -1),
);

/** Bytes at the end that are the beginning of a character. */
function cutLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0;
  }
  return 0;
}

/** A program may write anything. */
const asUtf8 = (bytes: Uint8Array): Uint8Array =>
  isUtf8(bytes) ? bytes : Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
