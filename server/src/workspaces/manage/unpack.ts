/**
 * A workspace from an archive: ZIP, or tar with or without gzip. Only files and folders come out of it, within bounds and
 * nowhere else: links, devices and names that lead out are what archives do harm with.
 */
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { type Entry, openPromise } from "yauzl";
import { WorkspaceError } from "../errors.ts";

export interface UnpackOptions {
  /** The archive, absolute. */
  archive: string;
  /** An empty folder, absolute. */
  folder: string;
  /** Bytes of all that is in it. */
  maxBytes: number;
  maxEntries: number;
  signal: AbortSignal;
}

/** @throws WorkspaceError `invalid` when it is no archive, or more than is allowed */
export async function unpack(options: UnpackOptions): Promise<void> {
  const kind = await kindOf(options.archive);
  try {
    if (kind === "zip") await unpackZip(options);
    else await unpackTar(options);
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause instanceof WorkspaceError || !(cause instanceof Error) || isOfTheDisk(cause)) throw cause;
    throw new WorkspaceError("invalid", `The archive could not be unpacked: ${cause.message}.`, { cause });
  }
  options.signal.throwIfAborted();
  await liftSingleFolder(options.folder);
}

async function kindOf(archive: string): Promise<"zip" | "tar"> {
  await using file = await open(archive);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  const starts = (...bytes: number[]) => bytes.every((byte, index) => buffer[index] === byte);
  if (starts(0x50, 0x4b, 0x03, 0x04) || starts(0x50, 0x4b, 0x05, 0x06)) return "zip";
  if (starts(0x1f, 0x8b) || (bytesRead === 512 && buffer.toString("latin1", 257, 262) === "ustar")) return "tar";
  throw new WorkspaceError("invalid", "That is no archive that can be read here. Send a .zip, .tar or .tar.gz file.");
}

/** What has come out so far. */
class Budget {
  #bytes = 0;
  #entries = 0;
  readonly #options: UnpackOptions;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  /** @throws WorkspaceError `invalid` when that is more than is allowed */
  take(bytes: number): void {
    this.#bytes += bytes;
    this.#entries++;
    const { maxBytes, maxEntries } = this.#options;
    if (this.#bytes > maxBytes)
      throw new WorkspaceError("invalid", `The archive holds more than ${maxBytes} bytes; that is the limit.`);
    if (this.#entries > maxEntries)
      throw new WorkspaceError("invalid", `The archive holds more than ${maxEntries} files; that is the limit.`);
  }
}

async function unpackZip(options: UnpackOptions): Promise<void> {
  const { archive, folder, signal } = options;
  const budget = new Budget(options);
  const zip = await openPromise(archive, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      budget.take(entry.uncompressedSize);
      // The library has refused names that lead out.
      const path = join(folder, entry.fileName);
      if (entry.fileName.endsWith("/")) {
        await mkdir(path, { recursive: true });
        continue;
      }
      if (!isPlain(entry)) continue;
      await mkdir(dirname(path), { recursive: true });
      // It checks, too, that no more comes out than was said.
      const content = await zip.openReadStreamPromise(entry);
      await pipeline(content, createWriteStream(path, { flags: "wx", mode: modeOf(entry) }), { signal });
    }
  } finally {
    zip.close();
  }
}

const unixMode = ({ externalFileAttributes }: Entry): number => externalFileAttributes >>> 16;

/** Made where there are no modes, or a file by its mode. */
function isPlain(entry: Entry): boolean {
  const type = unixMode(entry) & 0o170000;
  return type === 0 || type === 0o100000;
}

const modeOf = (entry: Entry): number => ((unixMode(entry) & 0o100) === 0 ? 0o666 : 0o777);

async function unpackTar(options: UnpackOptions): Promise<void> {
  const { archive, folder, signal } = options;
  const budget = new Budget(options);
  let refusal: unknown;
  await extract({
    file: archive,
    cwd: folder,
    preserveOwner: false,
    strict: true,
    filter: (_path, entry) => {
      // Throwing here would end the process: what is refused is told afterwards, and nothing more comes out.
      if (refusal !== undefined || signal.aborted) return false;
      try {
        budget.take(entry.size);
      } catch (error) {
        refusal = error;
        return false;
      }
      return "type" in entry && ["File", "OldFile", "Directory"].includes(entry.type);
    },
  });
  if (refusal !== undefined) throw refusal;
}

/** Many archives hold one folder with everything in it, which would only be in the way. */
async function liftSingleFolder(folder: string): Promise<void> {
  const [only, ...others] = await readdir(folder, { withFileTypes: true });
  if (only === undefined || others.length > 0 || !only.isDirectory()) return;
  // Under a name that nothing in it has.
  const inner = join(folder, crypto.randomUUID());
  await rename(join(folder, only.name), inner);
  for (const name of await readdir(inner)) await rename(join(inner, name), join(folder, name));
  await rmdir(inner);
}

const isOfTheDisk = (error: Error): boolean =>
  ["ENOSPC", "EDQUOT", "EACCES", "EROFS", "EIO"].includes((error as NodeJS.ErrnoException).code ?? "");
