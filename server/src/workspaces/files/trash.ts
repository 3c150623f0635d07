/**
 * What was deleted and can be brought back: moved to the data folder, where each lies in a folder of its own beside a note
 * of where it was. Bounded in number, bytes and time; what was deleted last stays whatever its size, since it takes no
 * more room than it did.
 */
import { mkdirSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { codeOf, fromSystem, missing, WorkspaceError } from "../errors.ts";
import { Handle, type Jail } from "../jail/index.ts";
import { namesOf } from "../jail/names.ts";
import { place, spot } from "./arrange.ts";
import { copyTree, maxCopied } from "./copy-tree.ts";
import { isTemporary } from "./temporary.ts";

const entry = z.object({
  id: z.uuid(),
  /** Where it was, below the workspaces root, as it was asked for. */
  path: z.string(),
  type: z.enum(["dir", "file"]),
  /** Milliseconds since the epoch. */
  deletedAt: z.number().int(),
  bytes: z.number().int().min(0),
});
export type TrashEntry = z.infer<typeof entry>;

export interface TrashOptions {
  /** Where it is kept; made when it is missing. */
  folder: string;
  keepMs?: number;
  maxBytes?: number;
  maxEntries?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Told what could not be removed. */
  onFailure?: (error: unknown) => void;
}

const noteName = "entry.json";
const itemName = "item";
/** Milliseconds between two looks at what has become too old. */
const sweepMs = 60 * 60_000;

export class Trash implements AsyncDisposable {
  readonly #jail: Jail;
  readonly #options: Required<TrashOptions>;
  /** The oldest first. */
  readonly #entries = new Map<string, TrashEntry>();
  readonly #timer: Timer;
  /** Putting in, bringing back and clearing out come one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(jail: Jail, options: Required<TrashOptions>) {
    this.#jail = jail;
    this.#options = options;
    this.#timer = setInterval(() => void this.#alone(() => this.#clear()), sweepMs).unref();
  }

  /** Finds what an earlier server kept, and removes what is too old. */
  static async open(jail: Jail, options: TrashOptions): Promise<Trash> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const trash = new Trash(jail, {
      keepMs: 7 * 24 * 3600_000,
      maxBytes: 2 * 1024 ** 3,
      maxEntries: 500,
      now: Date.now,
      onFailure: () => {},
      ...options,
    });
    await trash.#load();
    return trash;
  }

  /** What was deleted below a path, the newest first. */
  list(below: string): TrashEntry[] {
    const within = (path: string) => below === "" || path.startsWith(`${below}/`);
    return [...this.#entries.values()].filter(({ path }) => within(path)).toReversed();
  }

  /** Takes a file, a folder or a link away. @throws WorkspaceError */
  put(path: string): Promise<TrashEntry> {
    return this.#alone(async () => {
      const { folder, name } = await this.#jail.holder(path);
      using held = folder;
      const found = await held.found.find(name);
      if (found === null || isTemporary(name)) throw missing(path);
      const id = crypto.randomUUID();
      const kept = join(this.#options.folder, id);
      try {
        const isFolder = found !== "link" && found.stats.isDirectory();
        const bytes = found === "link" ? 0 : await sizeOf(found);
        const made: TrashEntry = {
          id,
          path: namesOf(path).join("/"),
          type: isFolder ? "dir" : "file",
          deletedAt: this.#options.now(),
          bytes,
        };
        await mkdir(kept, { mode: 0o700 });
        // The note first: a thing without one would never be found again.
        await writeFile(join(kept, noteName), JSON.stringify(made), { mode: 0o600 });
        await takeAway(held.found, name, found, kept);
        this.#entries.set(id, made);
        await this.#clear();
        return made;
      } catch (error) {
        if (!this.#entries.has(id)) await rm(kept, { recursive: true, force: true });
        throw fromSystem(error, path);
      } finally {
        if (found !== "link") found.close();
      }
    });
  }

  /**
   * Puts it back where it was, with the folders on the way; returns that path.
   *
   * @param below a path that it must have been below; elsewhere it counts as not there
   * @throws WorkspaceError `exists` when something has taken its place
   */
  restore(id: string, below: string): Promise<string> {
    return this.#alone(async () => {
      const found = this.#entries.get(id);
      if (found === undefined || !this.list(below).includes(found)) {
        throw new WorkspaceError(
          "missing",
          "That is not kept any more: what was deleted stays for seven days at most.",
        );
      }
      const kept = join(this.#options.folder, id);
      using target = await spot(this.#jail, found.path);
      try {
        await place(join(kept, itemName), target.folder.child(target.name), found.type === "dir");
      } catch (error) {
        if (codeOf(error) !== "EXDEV") throw fromSystem(error, found.path);
        await this.#copyBack(kept, target.folder, target.name);
      }
      this.#entries.delete(id);
      await rm(kept, { recursive: true, force: true });
      return found.path;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#last;
  }

  /** The workspaces are on another file system than the data. */
  async #copyBack(kept: string, folder: Handle, name: string): Promise<void> {
    using held = await Handle.folder(kept);
    const item = await held.find(itemName);
    if (item === null || item === "link") throw new WorkspaceError("missing", "That is not kept any more.");
    using source = item;
    await copyTree(source, folder, name, { entries: maxCopied });
  }

  async #load(): Promise<void> {
    const { folder } = this.#options;
    const found: TrashEntry[] = [];
    for (const id of await readdir(folder)) {
      const kept = join(folder, id);
      const note = await Bun.file(join(kept, noteName))
        .json()
        .then((value: unknown) => entry.parse(value))
        .catch(() => null);
      const hasItem = await readdir(kept).then(
        (names) => names.includes(itemName),
        () => false,
      );
      if (note?.id === id && hasItem) found.push(note);
      // The server was killed in between.
      else await rm(kept, { recursive: true, force: true });
    }
    for (const note of found.sort((a, b) => a.deletedAt - b.deletedAt)) this.#entries.set(note.id, note);
    await this.#clear();
  }

  /** Removes what is too old, and the oldest of what is too much. */
  async #clear(): Promise<void> {
    const { keepMs, maxBytes, maxEntries, now, folder, onFailure } = this.#options;
    let bytes = this.#entries.values().reduce((sum, each) => sum + each.bytes, 0);
    for (const each of this.#entries.values()) {
      const isOld = now() - each.deletedAt > keepMs;
      const isTooMuch = this.#entries.size > 1 && (bytes > maxBytes || this.#entries.size > maxEntries);
      if (!isOld && !isTooMuch) continue;
      this.#entries.delete(each.id);
      bytes -= each.bytes;
      await rm(join(folder, each.id), { recursive: true, force: true }).catch(onFailure);
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** By its name where that can be; from another file system by a copy, whose original is removed when it is whole. */
async function takeAway(folder: Handle, name: string, found: Handle | "link", kept: string): Promise<void> {
  try {
    await rename(folder.child(name), join(kept, itemName));
  } catch (error) {
    if (codeOf(error) !== "EXDEV" || found === "link") throw error;
    using target = await Handle.folder(kept);
    await copyTree(found, target, itemName, { entries: maxCopied });
    await rm(folder.child(name), { recursive: true });
  }
}

/** Bytes of a file, or of all files in a folder; of as many as are looked at. */
async function sizeOf(top: Handle): Promise<number> {
  let looked = 0;
  return sum(top);

  async function sum(at: Handle): Promise<number> {
    if (at.stats.isFile()) return Number(at.stats.size);
    if (!at.stats.isDirectory()) return 0;
    let bytes = 0;
    for (const name of await readdir(at.path)) {
      if (looked++ > maxCopied) return bytes;
      const found = await at.find(name);
      if (found === null || found === "link") continue;
      using child = found;
      bytes += await sum(child);
    }
    return bytes;
  }
}
