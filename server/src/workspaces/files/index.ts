/**
 * Files below the workspaces root: listed, read, written whole and removed. Whatever serves files, over whichever
 * protocol, does it through this.
 */
import { unlink } from "node:fs/promises";
import { fromSystem, isAFolder, missing, notAFile, notAFolder, WorkspaceError } from "../errors.ts";
import type { Found, Jail, Place } from "../jail/index.ts";
import { build, copy, makeFolder, move } from "./arrange.ts";
import { type Change, followChanges, nothingSeen, type Seen, seenOf, type Watched } from "./changes.ts";
import { listFolder, type Listing, type ListOptions } from "./listing.ts";
import { listNames, type Names } from "./names.ts";
import { OpenFile } from "./open-file.ts";
import { ripgrep, type Wanted } from "./ripgrep.ts";
import { isTemporary, Temporaries } from "./temporary.ts";
import { versionOf } from "./version.ts";
import { type Check, writeFile, type Written } from "./write.ts";
import { zipFolder } from "./zip.ts";

export { type Listing } from "./listing.ts";
export { OpenFile } from "./open-file.ts";
export { BrokenUploadError, TooLargeError } from "./receive.ts";
export type { Version } from "./version.ts";
export type { Check, Written } from "./write.ts";

/** Milliseconds of silence after which an upload is given up. */
const defaultStallMs = 120_000;

export interface WorkspaceFilesOptions {
  /** Folder for notes of uploads under way; outside the workspaces. */
  notes: string;
  /** Bytes of one file that is written. */
  maxBytes: number;
  stallMs?: number;
  /** Path of the program that finds what may be looked for; none when absent. */
  ripgrep?: string | null;
}

export class WorkspaceFiles {
  readonly maxBytes: number;
  readonly #jail: Jail;
  readonly #temporaries: Temporaries;
  readonly #stallMs: number;
  readonly #ripgrep: string | null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    jail: Jail,
    { notes, maxBytes, stallMs = defaultStallMs, ripgrep: program = null }: WorkspaceFilesOptions,
  ) {
    this.#ripgrep = program;
    this.#jail = jail;
    this.#temporaries = new Temporaries(notes);
    this.maxBytes = maxBytes;
    this.#stallMs = stallMs;
  }

  /** Removes what the uploads of a killed server left behind; returns how many. Once, before the first upload. */
  sweep(): Promise<number> {
    return this.#temporaries.sweep(this.#jail);
  }

  // Below, what holds a place awaits what it does with it: `using` lets go when the function returns, not when its promise settles.

  /** A folder's entries, or a file opened for reading, which the caller closes. */
  async open(path: string, options: ListOptions = {}): Promise<Listing | OpenFile> {
    using place = await this.#jail.find(path);
    if (isOurs(place)) throw missing(place.path);
    if (place.found.stats.isDirectory()) return await listFolder(this.#jail, place, options);
    if (!place.found.stats.isFile()) throw notAFile(place.path);
    return await OpenFile.from(place.found, place.path);
  }

  /**
   * Puts a file there, whole or not at all, with the folders on the way. A link is followed: what it leads to is replaced.
   *
   * @param length bytes that were announced, where they were
   */
  async write(
    path: string,
    body: ReadableStream<Uint8Array>,
    { check, length }: { check?: Check; length?: number | undefined } = {},
  ): Promise<Written> {
    using place = await this.#jail.look(path);
    if (isOurs(place)) throw new WorkspaceError("invalid", "Names of that form are Lodge's own.");
    return await writeFile(this.#jail, this.#temporaries, place, body, {
      check,
      length,
      limit: this.maxBytes,
      stallMs: this.#stallMs,
      alone: (work) => this.#alone(work),
    });
  }

  /** Removes a file and returns its path. A link goes itself, and what it leads to stays. */
  async remove(path: string, check?: Check): Promise<string> {
    using place = await this.#jail.find(path);
    if (isOurs(place)) throw missing(place.path);
    const { stats } = place.found;
    if (stats.isDirectory()) throw new WorkspaceError("is_a_folder", "cannot delete directories");
    const { folder, name } = await this.#jail.holder(path);
    using held = folder;
    try {
      await this.#alone(async () => {
        check?.(versionOf(stats), held.path === "" ? name : `${held.path}/${name}`);
        await unlink(held.found.child(name));
      });
    } catch (error) {
      throw fromSystem(error, place.path);
    }
    return place.path;
  }

  /** The names in a folder, at most `limit`, and which version of it has at least these. */
  async names(path: string, limit: number): Promise<Names & { version: string }> {
    using place = await this.#folder(path);
    return { ...(await listNames(this.#jail, place, limit)), version: versionOf(place.found.stats).etag };
  }

  /**
   * Paths, below a folder, of files that may hold what is looked for: to be opened here, which says whether they do, and
   * whether they are there at all. Null without the program that finds them.
   */
  candidates(path: string, wanted: Wanted, signal: AbortSignal): AsyncGenerator<string> | null {
    return this.#ripgrep === null ? null : this.#candidates(this.#ripgrep, path, wanted, signal);
  }

  async *#candidates(program: string, path: string, wanted: Wanted, signal: AbortSignal): AsyncGenerator<string> {
    using place = await this.#folder(path);
    // A child has handles of its own.
    const cwd = place.found.path.replace("/proc/self/", `/proc/${process.pid}/`);
    yield* ripgrep(program, cwd, wanted, signal);
  }

  /** When a folder was last changed; null when there is something else. */
  async folderChangedAt(path: string): Promise<Date | null> {
    using place = await this.#jail.find(path);
    return place.found.stats.isDirectory() ? place.found.stats.mtime : null;
  }

  /** A folder with all that is in it as a ZIP archive. */
  async zip(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    // Found now, so that what is not there is said; held only from when somebody reads.
    using _found = await this.#folder(path);
    return zipFolder(() => this.#folder(path), signal);
  }

  /** Makes a folder, with those on the way; returns its path. */
  makeFolder(path: string): Promise<string> {
    return makeFolder(this.#jail, path);
  }

  /** Gives a file or a folder another name or place, where nothing is; returns its path. */
  move(from: string, to: string): Promise<string> {
    return this.#alone(() => move(this.#jail, from, to));
  }

  /** Copies a file or a folder to where nothing is; returns the copy's path. */
  copy(from: string, to: string, signal?: AbortSignal): Promise<string> {
    return copy(this.#jail, this.#temporaries, { from, to, signal });
  }

  /** Makes a folder of what `fill` puts into the one whose path it gets: whole or not at all. Returns its path. */
  build(path: string, fill: (folder: string) => Promise<void>): Promise<string> {
    return build(this.#jail, this.#temporaries, path, fill);
  }

  /**
   * Which version of a file there is, and the path that its links lead to.
   *
   * @throws WorkspaceError for what is no file, but not when nothing is there
   */
  async look(path: string): Promise<Seen & { path: string }> {
    using place = await this.#jail.look(path);
    if (place.found === null || isOurs(place)) return { ...nothingSeen, path: place.path };
    if (place.found.stats.isDirectory()) throw isAFolder(place.path);
    if (!place.found.stats.isFile()) throw notAFile(place.path);
    return { ...seenOf(place.found.stats), path: place.path };
  }

  /** What changes in some folders, and in one file, until the signal aborts. */
  changes(watched: Watched, signal: AbortSignal): AsyncGenerator<Change> {
    return followChanges(this.#jail, watched, signal);
  }

  async #folder(path: string): Promise<Found> {
    const place = await this.#jail.find(path);
    if (place.found.stats.isDirectory() && !isOurs(place)) return place;
    place[Symbol.dispose]();
    throw isOurs(place) ? missing(place.path) : notAFolder(place.path);
  }

  /** What is checked and then done is done before anything else is checked. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

const isOurs = ({ path }: Place): boolean => path.split("/").some(isTemporary);
