/** Writes what streams in to an open file: as fast as the disk takes it, and with a bound on what waits in memory. */
import { fdatasync, writev } from "node:fs";
import { promisify } from "node:util";

const flush = promisify(fdatasync);
const write = (fd: number, buffers: readonly Uint8Array[]): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  writev(fd, buffers, (error, written) => (error ? reject(error) : resolve(written)));
  return promise;
};

/** Bytes gathered before they are written: the network gives some 64 KiB at a time, and each write costs a thread's time. */
const batchBytes = 512 * 1024;
/** Bytes after which the disk is told to begin: it then works while the network does, and the end waits for little. */
const flushBytes = 32 * 1024 * 1024;

export interface ReceiveOptions {
  /** Bytes; more is refused without reading on. */
  limit: number;
  /** Milliseconds without a byte after which the sender is given up: a machine that was switched off never says so. */
  stallMs: number;
}

/** The body is more than was allowed. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
}

/** The sender went away or fell silent. */
export class BrokenUploadError extends Error {
  override readonly name = "BrokenUploadError";
}

interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}

/**
 * @returns bytes written, on the disk when it resolves
 * @throws TooLargeError, BrokenUploadError, or what the system says of the disk
 */
export async function receive(
  body: ReadableStream<Uint8Array>,
  fd: number,
  { limit, stallMs }: ReceiveOptions,
): Promise<number> {
  const reader = body.getReader();
  let size = 0;
  let batch: Uint8Array[] = [];
  let batched = 0;
  let unflushed = 0;
  let writing: Promise<void> = Promise.resolve();
  let flushing: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;
  const failed = (error: unknown) => {
    failure ??= { error };
  };
  const writeBatch = async () => {
    // One at a time, so that the file grows in order and no more than two batches are held.
    await writing;
    if (failure) throw failure.error;
    const full = batch;
    writing = writeAll(fd, full)
      .catch(failed)
      .finally(() => full.forEach(release));
    unflushed += batched;
    batch = [];
    batched = 0;
    if (unflushed < flushBytes || flushing) return;
    unflushed = 0;
    flushing = flush(fd)
      .catch(failed)
      .finally(() => {
        flushing = undefined;
      });
  };
  try {
    for (;;) {
      const chunk = await next(reader, stallMs);
      if (chunk === null) break;
      size += chunk.byteLength;
      if (size > limit) throw new TooLargeError();
      batch.push(chunk);
      batched += chunk.byteLength;
      if (batched >= batchBytes) await writeBatch();
    }
    await writeBatch();
    await writing;
    await flushing;
    if (failure) throw failure.error;
    await flush(fd);
    return size;
  } catch (error) {
    // Nothing may use the file any more once this has ended. The sender is told by the reply.
    await Promise.all([writing, flushing]);
    void reader.cancel(error).catch(() => {});
    throw error;
  }
}

async function next(reader: Reader, stallMs: number): Promise<Uint8Array | null> {
  const stalled = Promise.withResolvers<never>();
  const timer = setTimeout(() => stalled.reject(new BrokenUploadError("The upload stalled.")), stallMs);
  try {
    const { done, value } = await Promise.race([reader.read(), stalled.promise]);
    return done ? null : (value ?? null);
  } catch (cause) {
    if (cause instanceof BrokenUploadError) throw cause;
    throw new BrokenUploadError("The upload ended before its end.", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Gives the memory back now: as garbage it would wait for a collection, and there would be some 80 MB of it by then. */
function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

async function writeAll(fd: number, buffers: Uint8Array[]): Promise<void> {
  let rest = buffers;
  while (rest.length > 0) {
    let written = await write(fd, rest);
    // The system may take less than all of it, as when the disk fills up: the next try then says so.
    while (rest[0] !== undefined && written >= rest[0].byteLength) {
      written -= rest[0].byteLength;
      rest = rest.slice(1);
    }
    if (rest[0] !== undefined && written > 0) rest = [rest[0].subarray(written), ...rest.slice(1)];
  }
}
