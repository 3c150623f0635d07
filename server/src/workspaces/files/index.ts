/**
 * Files below the workspaces root: listed, read, written whole and removed. Whatever serves files, over whichever
 * protocol, does it through this.
 */
import { unlink } from "node:fs/promises";
import { fromSystem, missing, notAFile, WorkspaceError } from "../errors.ts";
import type { Jail, Place } from "../jail/index.ts";
import { listFolder, type Listing, type ListOptions } from "./listing.ts";
import { OpenFile } from "./open-file.ts";
import { isTemporary, Temporaries } from "./temporary.ts";
import { versionOf } from "./version.ts";
import { type Check, writeFile, type Written } from "./write.ts";

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
}

export class WorkspaceFiles {
  readonly maxBytes: number;
  readonly #jail: Jail;
  readonly #temporaries: Temporaries;
  readonly #stallMs: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(jail: Jail, { notes, maxBytes, stallMs = defaultStallMs }: WorkspaceFilesOptions) {
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
        check?.(versionOf(stats));
        await unlink(held.found.child(name));
      });
    } catch (error) {
      throw fromSystem(error, place.path);
    }
    return place.path;
  }

  /** What is checked and then done is done before anything else is checked. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

const isOurs = ({ path }: Place): boolean => path.split("/").some(isTemporary);
