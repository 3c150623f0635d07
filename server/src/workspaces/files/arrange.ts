/** Makes, moves and copies what is below the workspaces root, and never over something that is there already. */
import { link, lstat, mkdir, rename, rm, unlink } from "node:fs/promises";
import { codeOf, exists, fromSystem, missing, WorkspaceError } from "../errors.ts";
import type { Handle, Jail } from "../jail/index.ts";
import { namesOf } from "../jail/names.ts";
import { copyTree, maxCopied } from "./copy-tree.ts";
import { isTemporary, type Temporaries } from "./temporary.ts";

/** Makes a folder, with those on the way; returns its path. @throws WorkspaceError `exists` */
export async function makeFolder(jail: Jail, path: string): Promise<string> {
  using target = await spot(jail, path);
  try {
    await mkdir(target.folder.child(target.name));
  } catch (error) {
    throw fromSystem(error, target.path);
  }
  return target.path;
}

/** Gives a file, a folder or a link another name or place; returns where it is now. @throws WorkspaceError `exists` */
export async function move(jail: Jail, from: string, to: string): Promise<string> {
  refuseWithin(from, to);
  const { folder, name } = await jail.holder(from);
  using held = folder;
  const found = await held.found.find(name);
  if (found === null || isTemporary(name)) throw missing(from);
  const isFolder = found !== "link" && found.stats.isDirectory();
  if (found !== "link") found.close();
  using target = await spot(jail, to);
  try {
    await place(held.found.child(name), target.folder.child(target.name), isFolder);
  } catch (error) {
    throw fromSystem(error, target.path);
  }
  return target.path;
}

/** Copies a file or a folder: whole or not at all. Returns where the copy is. @throws WorkspaceError `exists` */
export async function copy(
  jail: Jail,
  temporaries: Temporaries,
  { from, to, signal }: { from: string; to: string; signal?: AbortSignal | undefined },
): Promise<string> {
  refuseWithin(from, to);
  using source = await jail.find(from);
  if (isTemporary(source.name)) throw missing(from);
  using target = await spot(jail, to);
  if (await isThere(target)) throw exists(target.path);
  const note = await temporaries.note(target.path.split("/").slice(0, -1).join("/"));
  const temporary = target.folder.child(note.name);
  try {
    await copyTree(source.found, target.folder, note.name, { entries: maxCopied, signal });
    await place(temporary, target.folder.child(target.name), source.found.stats.isDirectory());
    return target.path;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw fromSystem(error, target.path);
  } finally {
    await note.forget();
  }
}

/**
 * Makes a folder of what `fill` puts into an empty one: whole or not at all. Returns where it is.
 *
 * @param fill gets the absolute path of the folder to fill, which has another name until it is whole
 * @throws WorkspaceError `exists`; whatever `fill` throws
 */
export async function build(
  jail: Jail,
  temporaries: Temporaries,
  to: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  using target = await spot(jail, to);
  if (await isThere(target)) throw exists(target.path);
  const within = target.path.split("/").slice(0, -1).join("/");
  const note = await temporaries.note(within);
  const temporary = target.folder.child(note.name);
  try {
    await mkdir(temporary);
    // By its path: programs that fill it do not share this process's handles.
    await fill([jail.root, within, note.name].filter((part) => part !== "").join("/"));
    await place(temporary, target.folder.child(target.name), true);
    return target.path;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw fromSystem(error, target.path);
  } finally {
    await note.forget();
  }
}

/** Where something new is to be. */
export interface Spot extends Disposable {
  folder: Handle;
  name: string;
  /** Below the root, links resolved. */
  path: string;
}

/** The folder of a new name, made with those on the way. A link of that name is not followed: it is something already. */
export async function spot(jail: Jail, path: string): Promise<Spot> {
  const names = namesOf(path);
  const name = names.pop();
  if (name === undefined) throw exists("");
  if ([...names, name].some(isTemporary)) throw new WorkspaceError("invalid", "Names of that form are Lodge's own.");
  // Stands in for the name: nothing is called like it, so that the walk ends at the folder.
  const inside = await jail.prepare([...names, crypto.randomUUID()].join("/"));
  const { folder } = inside;
  if (folder === null) {
    inside[Symbol.dispose]();
    throw missing(names.join("/"));
  }
  const at = inside.path.split("/").slice(0, -1);
  return { folder, name, path: [...at, name].join("/"), [Symbol.dispose]: () => inside[Symbol.dispose]() };
}

/** Whether something has that name, be it a link to nowhere. */
async function isThere({ folder, name }: Spot): Promise<boolean> {
  return lstat(folder.child(name)).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    },
  );
}

/**
 * Renames without taking the place of anything. The system's own way to say that cannot be reached from here; but a new
 * link to a file is refused where something is, and a folder is renamed over nothing but an empty folder.
 */
export async function place(from: string, to: string, isFolder: boolean): Promise<void> {
  if (isFolder) {
    await refuseTaken(to);
    return rename(from, to);
  }
  try {
    await link(from, to);
  } catch (error) {
    if (!withoutLinks.has(codeOf(error) ?? "")) throw error;
    await refuseTaken(to);
    return rename(from, to);
  }
  await unlink(from);
}

/** Of file systems that know no second name for a file, or systems that allow it to the owner only. */
const withoutLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES"]);

async function refuseTaken(path: string): Promise<void> {
  const taken = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (taken !== null) throw Object.assign(new Error("taken"), { code: "EEXIST" });
}

function refuseWithin(from: string, to: string): void {
  const [source, target] = [namesOf(from), namesOf(to)];
  if (source.length === 0) throw new WorkspaceError("invalid", "The workspaces root itself stays where it is.");
  if (!source.every((name, index) => target[index] === name)) return;
  if (target.length === source.length) throw exists(target.join("/"));
  throw new WorkspaceError("invalid", "A folder cannot be put into itself.");
}
