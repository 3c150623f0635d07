/**
 * Copies a file, or a folder with all that is in it, from one held folder into another. Links are copied as links, and
 * nothing is followed: not in what is copied, and not in what is made.
 */
import { constants } from "node:fs";
import { copyFile, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { WorkspaceError } from "../errors.ts";
import type { Handle } from "../jail/index.ts";
import { isTemporary } from "./temporary.ts";

/** What one copy may come to; counted down while it goes on. */
export interface CopyBudget {
  entries: number;
  signal?: AbortSignal | undefined;
}

/** Files, folders and links of one copy. */
export const maxCopied = 100_000;

/** @param to held folder in which `name` is made; there must be none of that name */
export async function copyTree(from: Handle, to: Handle, name: string, budget: CopyBudget): Promise<void> {
  budget.signal?.throwIfAborted();
  if (budget.entries-- <= 0) {
    throw new WorkspaceError("invalid", `A folder with more than ${maxCopied} files is not copied here.`);
  }
  if (from.stats.isFile()) {
    await copyFile(from.path, to.child(name), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return;
  }
  // A socket, a pipe or a device is somebody's connection, not content.
  if (!from.stats.isDirectory()) return;
  const names = await readdir(from.path);
  await mkdir(to.child(name));
  using made = await madeFolder(to, name);
  for (const each of names) {
    if (isTemporary(each)) continue;
    const found = await from.find(each);
    if (found === null) continue;
    if (found === "link") {
      budget.entries--;
      await symlink(await readlink(from.child(each)), made.child(each));
      continue;
    }
    using child = found;
    await copyTree(child, made, each, budget);
  }
}

/** The folder that was just made, unless somebody put something else in its place. */
async function madeFolder(to: Handle, name: string): Promise<Handle> {
  const made = await to.find(name);
  if (made !== null && made !== "link" && made.stats.isDirectory()) return made;
  if (made !== null && made !== "link") made.close();
  throw new WorkspaceError("missing", "What was being copied to was taken away meanwhile.");
}
