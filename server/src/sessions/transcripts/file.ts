/**
 * Reads a transcript from any place in either direction, record by record, without holding more than a few of them. For
 * looking at one; the tail (tail.ts) is for following the CLI while it writes.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { TranscriptRecord } from "./tail.ts";

/** One line of the file, from its first byte up to the one after its line break. */
export interface TranscriptLine {
  offset: number;
  end: number;
  /** Null when it cannot be read: no JSON, no record, or too long. */
  record: TranscriptRecord | null;
}

const newline = 0x0a;

interface ReadOptions {
  /** Bytes of one record; pasted images make big ones. */
  maxRecordBytes: number;
  /** Bytes read at once. */
  stepBytes: number;
}

const defaults: ReadOptions = { maxRecordBytes: 32 * 1024 * 1024, stepBytes: 256 * 1024 };

export class TranscriptFile implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #options: ReadOptions;

  private constructor(
    file: FileHandle,
    options: ReadOptions,
    /** Tells this file from another one that takes its name. */
    readonly inode: number,
    /** Bytes, when it was opened. */
    readonly size: number,
  ) {
    this.#file = file;
    this.#options = options;
  }

  /** Null when there is no such file. */
  static async open(path: string, options: Partial<ReadOptions> = {}): Promise<TranscriptFile | null> {
    const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    });
    if (!file) return null;
    try {
      const { ino, size } = await file.stat();
      return new TranscriptFile(file, { ...defaults, ...options }, ino, size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  /** The complete lines from an offset on, which is the beginning of one. */
  async *forward(from: number): AsyncGenerator<TranscriptLine> {
    const { maxRecordBytes, stepBytes } = this.#options;
    let pieces: Uint8Array[] = [];
    let held = 0;
    let offset = from;
    for (let at = from; at < this.size;) {
      const block = await this.#read(at, Math.min(stepBytes, this.size - at));
      if (block.length === 0) return;
      let start = 0;
      for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, start)) {
        held += end - start;
        const line = held > maxRecordBytes ? null : Buffer.concat([...pieces, block.subarray(start, end)]);
        pieces = [];
        held = 0;
        start = end + 1;
        yield* this.#line(offset, at + start, line);
        offset = at + start;
      }
      held += block.length - start;
      // What is longer than is allowed is counted, not kept.
      if (held > maxRecordBytes) pieces = [];
      else pieces.push(block.subarray(start));
      at += block.length;
    }
  }

  /** The complete lines that end before an offset, the last one first. */
  async *backward(to: number): AsyncGenerator<TranscriptLine> {
    const { maxRecordBytes, stepBytes } = this.#options;
    let start = Math.min(to, this.size);
    /** What has been read and not been handed out: the bytes from `start` on. */
    let block: Uint8Array = new Uint8Array(0);
    /** The end of the line that is looked for; null while it is not known, as with a line that is still being written. */
    let end: number | null = null;
    let tooLong = false;
    let step = stepBytes;
    for (;;) {
      const from: number = end === null ? block.length - 1 : block.length - 2;
      const found: number = from < 0 ? -1 : block.lastIndexOf(newline, from);
      if (found < 0 && start > 0) {
        const bytes = Math.min(step, start);
        // Twice as much each time: a long line is not copied once for every piece.
        step = Math.min(step * 2, Math.max(stepBytes, maxRecordBytes));
        start -= bytes;
        const piece = await this.#read(start, bytes);
        if (piece.length < bytes) return;
        tooLong ||= end !== null && block.length > maxRecordBytes;
        block = tooLong || end === null ? keepEnd(piece, block, end === null) : Buffer.concat([piece, block]);
        continue;
      }
      if (found < 0 && end === null) return;
      const offset: number = start + found + 1;
      if (end !== null && offset < end) {
        const line = tooLong || end - offset > maxRecordBytes ? null : block.subarray(found + 1, -1);
        yield* this.#line(offset, end, line);
      }
      if (found < 0) return;
      end = offset;
      block = block.subarray(0, found + 1);
      tooLong = false;
      step = stepBytes;
    }
  }

  *#line(offset: number, end: number, bytes: Uint8Array | null): Generator<TranscriptLine> {
    if (bytes?.length === 0) return;
    yield { offset, end, record: bytes && parse(bytes) };
  }

  async #read(at: number, bytes: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
    return buffer.subarray(0, bytesRead);
  }
}

/** A line that is passed over needs none of its bytes but the break at its end, and one still being written not even that. */
function keepEnd(piece: Uint8Array, block: Uint8Array, isOpen: boolean): Uint8Array {
  return isOpen ? piece : Buffer.concat([piece, block.subarray(-1)]);
}

function parse(bytes: Uint8Array): TranscriptRecord | null {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isRecord =
      typeof record === "object" && record !== null && "type" in record && typeof record.type === "string";
    return isRecord ? (record as TranscriptRecord) : null;
  } catch {
    return null;
  }
}
