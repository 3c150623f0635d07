/**
 * Files that an upload is written to before it takes its place, and what a copy is made in. They lie beside their target, since a file can only be
 * renamed within one file system. A note of each is kept in the data folder, so that a server that was killed finds at
 * its next start what to remove without searching every workspace.
 */
import { mkdirSync } from "node:fs";
import { readdir, readlink, rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, WorkspaceError } from "../errors.ts";
import type { Jail } from "../jail/index.ts";

const prefix = ".lodge-upload-";
const pattern = /^\.lodge-upload-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether a file of that name is Lodge's own: never listed, served or written to by name. */
export const isTemporary = (name: string): boolean => pattern.test(name);

export class Temporaries {
  readonly #folder: string;

  /** @param folder for the notes; made when it is missing */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
  }

  /**
   * A name for a temporary file, noted before there is one.
   *
   * @param folder path below the root of where it will lie
   */
  async note(folder: string): Promise<{ name: string; forget: () => Promise<void> }> {
    const id = crypto.randomUUID();
    const note = join(this.#folder, id);
    const name = prefix + id;
    // A link whose target is the note: made in one step, so that no half written one is ever read.
    await symlink(`${folder}/${name}`, note);
    return { name, forget: () => unlink(note) };
  }

  /** Removes what an earlier server left behind; returns how many. Before the first upload only. */
  async sweep(jail: Jail): Promise<number> {
    let removed = 0;
    for (const id of await readdir(this.#folder)) {
      const note = join(this.#folder, id);
      const path = await readlink(note).catch(() => null);
      if (path !== null && (await removeLeftover(jail, path))) removed++;
      await unlink(note).catch(() => {});
    }
    return removed;
  }
}

async function removeLeftover(jail: Jail, path: string): Promise<boolean> {
  try {
    using place = await jail.find(path);
    // Only what has such a name: the note may be old, and the workspace may have changed since.
    if (!isTemporary(place.name) || place.folder === null) return false;
    // A copy of a folder is one too.
    await rm(place.folder.child(place.name), { recursive: true });
    return true;
  } catch (error) {
    if (error instanceof WorkspaceError || codeOf(error) !== undefined) return false;
    throw error;
  }
}
