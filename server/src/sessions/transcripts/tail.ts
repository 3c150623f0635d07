/**
 * Follows a transcript while the CLI writes it: each record once, in order, soon after it is written. The file need not
 * exist yet, may be replaced or cut short, and may hold a record that cannot be read: that one is reported and skipped.
 */
import { closeSync, fstatSync, type FSWatcher, mkdirSync, openSync, readSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { LineSplitter } from "./lines.ts";

export type TranscriptRecord = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface TailOptions {
  path: string;
  clock: Clock;
  /** Reading waits for what it returns, so that a slow reader holds up the file and not the memory. */
  onRecord: (record: TranscriptRecord) => Promise<void> | undefined;
  /** A record that was skipped, and why. */
  onProblem: (problem: string) => void;
  /** Bytes of one record; pasted images make big ones. */
  maxRecordBytes?: number;
}

/** Milliseconds between looks at the file in a turn: the file system's own notice comes late or not at all on some. */
const pollMs = 8;
const chunkBytes = 64 * 1024;
const defaultMaxRecordBytes = 64 * 1024 * 1024;

export class TranscriptTail implements Disposable {
  readonly #options: TailOptions;
  readonly #splitter: LineSplitter;
  readonly #chunk = new Uint8Array(chunkBytes);
  readonly #lines: string[] = [];
  #watcher: FSWatcher | undefined;
  #timer: Disposable | undefined;
  #file: { descriptor: number; inode: number } | undefined;
  #offset = 0;
  #reading: Promise<void> | undefined;
  #again = false;
  #disposed = false;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#splitter = new LineSplitter(options.maxRecordBytes ?? defaultMaxRecordBytes, {
      line: (text) => this.#lines.push(text),
      tooLong: (bytes) => options.onProblem(`a record of ${bytes} bytes is too long`),
    });
    const folder = dirname(options.path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const name = basename(options.path);
    this.#watcher = watch(folder, (_event, changed) => {
      if (changed === null || changed === name) void this.read();
    });
    // The folder went away: the poll still tells what can be told.
    this.#watcher.on("error", () => this.#watcher?.close());
  }

  /** What is in the file already is not of interest. */
  skipToEnd(): void {
    const file = this.#open();
    if (file) this.#offset = fstatSync(file.descriptor).size;
    this.#splitter.reset();
    this.#lines.length = 0;
  }

  /** Looks at the file by the clock, not only when the file system tells: for as long as a turn runs. */
  set polling(on: boolean) {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (!on || this.#disposed) return;
    const again = () => {
      void this.read();
      if (!this.#disposed) this.#timer = this.#options.clock.after(pollMs, again);
    };
    this.#timer = this.#options.clock.after(pollMs, again);
  }

  /** Resolves when all that is in the file now has been handed on. */
  read(): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    this.#again = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.polling = false;
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#close();
  }

  async #readAll(): Promise<void> {
    while (this.#again && !this.#disposed) {
      this.#again = false;
      const file = this.#open();
      if (!file) return;
      while (!this.#disposed) {
        const count = readSync(file.descriptor, this.#chunk, 0, chunkBytes, this.#offset);
        if (count === 0) break;
        this.#offset += count;
        this.#splitter.push(this.#chunk.subarray(0, count));
        const waiting = this.#handOn();
        if (waiting) await waiting;
      }
    }
  }

  #handOn(): Promise<void> | undefined {
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      const record = this.#parse(line);
      const waiting = record && this.#options.onRecord(record);
      if (waiting) return waiting.then(() => this.#handOn());
    }
    return undefined;
  }

  #parse(line: string): TranscriptRecord | undefined {
    try {
      const record: unknown = JSON.parse(line);
      if (typeof record === "object" && record !== null && "type" in record && typeof record.type === "string") {
        return record as TranscriptRecord;
      }
      this.#options.onProblem("a line is no record");
    } catch {
      this.#options.onProblem("a record is not valid JSON");
    }
    return undefined;
  }

  /** The file as it is now under that name; begins again when it is another one or was cut short. */
  #open(): { descriptor: number; inode: number } | undefined {
    const now = statSync(this.#options.path, { throwIfNoEntry: false });
    if (!now) {
      this.#close();
      return undefined;
    }
    if (this.#file && (this.#file.inode !== now.ino || now.size < this.#offset)) this.#close();
    if (!this.#file) {
      const descriptor = openSync(this.#options.path, "r");
      this.#file = { descriptor, inode: fstatSync(descriptor).ino };
    }
    return this.#file;
  }

  #close(): void {
    if (!this.#file) return;
    closeSync(this.#file.descriptor);
    this.#file = undefined;
    this.#offset = 0;
    this.#splitter.reset();
  }
}
