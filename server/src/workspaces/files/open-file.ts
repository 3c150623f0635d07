/** A file opened for reading: its content stays what it was when somebody puts another file in its place meanwhile. */
import { type BigIntStats, close, fstat, read } from "node:fs";
import { promisify } from "node:util";
import { fromSystem, notAFile } from "../errors.ts";
import type { Handle } from "../jail/index.ts";
import { type Version, versionOf } from "./version.ts";

const statFd = promisify(fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;

export class OpenFile implements Disposable {
  #open = true;

  private constructor(
    readonly path: string,
    readonly version: Version,
    readonly fd: number,
  ) {}

  static async from(handle: Handle, path: string): Promise<OpenFile> {
    const fd = await handle.reopen().catch((error: unknown) => Promise.reject(fromSystem(error, path)));
    const stats = await statFd(fd, { bigint: true });
    const file = new OpenFile(path, versionOf(stats), fd);
    if (stats.isFile()) return file;
    file.close();
    throw notAFile(path);
  }

  /**
   * All of it, for what is small enough to hold; null when it has more than `limit` bytes. Fewer than its version says when
   * somebody shortened it in place since.
   */
  async bytes(limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const { size } = this.version;
    if (size > limit) return null;
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const count = await readAt(this.fd, bytes, filled, filled);
      if (count === 0) return bytes.subarray(0, filled);
      filled += count;
    }
    return bytes;
  }

  /** Up to `length` bytes from `at` on; fewer at the end, and none behind it. */
  async part(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, await readAt(this.fd, bytes, 0, at));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    close(this.fd, () => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Fills `bytes` from `from` on with what is at `position` of the file; tells how many came. */
function readAt(fd: number, bytes: Uint8Array, from: number, position: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  read(fd, bytes, from, bytes.byteLength - from, position, (error, count) => (error ? reject(error) : resolve(count)));
  return promise;
}
