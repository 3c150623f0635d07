/** The files of one recording: written one after the other, the oldest given up when there are too many. */
import { type FileHandle, mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { segmentName } from "./cast.ts";

interface Segment {
  index: number;
  bytes: number;
}

export class Segments implements AsyncDisposable {
  readonly #folder: string;
  readonly #most: number;
  readonly #segments: Segment[] = [];
  #file: FileHandle | undefined;
  #closed = false;

  /**
   * @param folder of the recording alone; made when the first segment begins
   * @param most segments at one time
   */
  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /** On disk, all together. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Of the segment that is written; null before there is one. */
  get currentBytes(): number | null {
    return this.#segments.at(-1)?.bytes ?? null;
  }

  /** Whether the oldest is gone. */
  get isCut(): boolean {
    return (this.#segments[0]?.index ?? 0) > 0;
  }

  async next(): Promise<void> {
    if (this.#segments.length === 0) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#closeFile();
    const index = (this.#segments.at(-1)?.index ?? -1) + 1;
    const file = await open(join(this.#folder, segmentName(index)), "a", 0o600);
    if (this.#closed) {
      await file.close();
      throw new Error("the recording was closed meanwhile");
    }
    this.#file = file;
    this.#segments.push({ index, bytes: 0 });
    while (this.#segments.length > this.#most) {
      const oldest = this.#segments.shift() as Segment;
      await unlink(join(this.#folder, segmentName(oldest.index)));
    }
  }

  /** Bytes are not to be changed until it resolves. */
  async write(lines: string | Uint8Array): Promise<void> {
    const segment = this.#segments.at(-1);
    if (!this.#file || !segment) throw new Error("there is no segment to write to");
    const bytes = typeof lines === "string" ? Buffer.from(lines) : lines;
    // A full disk may take a part.
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, at);
      at += bytesWritten;
      segment.bytes += bytesWritten;
    }
  }

  /** Once and for all. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
