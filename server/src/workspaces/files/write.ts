/** Puts a new file in place of an old one: whole or not at all, and nothing is made before the last byte is on the disk. */
import { type BigIntStats, close, constants, fchmod, fstat, fsync, lstat, open } from "node:fs";
import { rename, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { codeOf, fromSystem, isAFolder, notAFile } from "../errors.ts";
import type { Handle, Jail, Place } from "../jail/index.ts";
import { BrokenUploadError, receive, type ReceiveOptions } from "./receive.ts";
import type { Temporaries } from "./temporary.ts";
import { type Version, versionOf } from "./version.ts";

const openFd = promisify(open);
const closeFd = promisify(close);
const changeMode = promisify(fchmod);
const sync = promisify(fsync);
const statFd = promisify(fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;
const stat = promisify(lstat) as unknown as (path: string, options: { bigint: true }) => Promise<BigIntStats>;

/**
 * Throws to stop what is about to be done to the file that is there, or to nothing. Asked again at the last moment.
 *
 * @param path where it is about to be done, all links followed
 */
export type Check = (current: Version | null, path: string) => void;

export interface WriteOptions extends ReceiveOptions {
  check?: Check | undefined;
  /** Bytes that the sender announced; fewer than these are not the whole file. */
  length?: number | undefined;
  /** Runs what checks and renames, so that no other write comes between the two. */
  alone: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface Written {
  path: string;
  version: Version;
}

/** @param place where the path leads, as `look` found it; the caller lets go of it */
export async function writeFile(
  jail: Jail,
  temporaries: Temporaries,
  place: Place,
  body: ReadableStream<Uint8Array>,
  options: WriteOptions,
): Promise<Written> {
  const { folder } = place;
  if (folder === null) throw isAFolder(place.path);
  const { check, length, alone } = options;
  const current = fileStats(place);
  check?.(current && versionOf(current), place.path);
  // In the deepest folder that exists: a folder that is still to be made is on the same file system.
  const holder = place.path.split("/").slice(0, -Math.max(1, place.absent.length)).join("/");
  const note = await temporaries.note(holder);
  const temporary = folder.child(note.name);
  try {
    const fd = await create(temporary);
    try {
      // An executable stays one.
      if (current !== null) await changeMode(fd, Number(current.mode) & 0o777);
      const size = await receive(body, fd, options);
      if (length !== undefined && size !== length) throw new BrokenUploadError("The upload ended before its end.");
      using target = await jail.prepare(place.path);
      await alone(() => replace(temporary, target, check));
      await syncFolder(target.folder);
      return { path: target.path, version: versionOf(await statFd(fd, { bigint: true })) };
    } finally {
      await closeFd(fd);
    }
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw fromSystem(error, place.path);
  } finally {
    await note.forget();
  }
}

function fileStats({ found, path }: Place): BigIntStats | null {
  if (found === null) return null;
  if (found.stats.isDirectory()) throw isAFolder(path);
  if (!found.stats.isFile()) throw notAFile(path);
  return found.stats;
}

/** Never through a link, and never into what is there already. */
function create(path: string): Promise<number> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return openFd(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
}

async function replace(temporary: string, { folder, name, path }: Place, check: Check | undefined): Promise<void> {
  if (folder === null) throw isAFolder(path);
  const target = folder.child(name);
  const stats = await stat(target, { bigint: true }).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (stats?.isDirectory()) throw isAFolder(path);
  check?.(stats && versionOf(stats), path);
  // A link that was put there since is replaced itself: a rename follows none.
  await rename(temporary, target);
}

/** The new name, too, is on the disk. Some file systems have no such notion; the file's content is safe either way. */
async function syncFolder(folder: Handle | null): Promise<void> {
  const fd = await folder?.reopen();
  if (fd === undefined) return;
  await sync(fd).catch(() => {});
  await closeFd(fd);
}
