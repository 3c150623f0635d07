/** The folders in which sessions run: all below one root, and nothing outside it. */
import { mkdirSync, realpathSync } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";

/** A path that is not a workspace. The message is fit for a client. */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";
}

export interface WorkspaceEntry {
  /** Path below the root; empty for the root itself. */
  name: string;
  path: string;
  /** Milliseconds since the epoch. */
  changedAt: number;
  git: boolean;
}

export class Workspaces {
  /** Absolute, with symbolic links resolved. */
  readonly root: string;

  /** Makes the root when it is missing. */
  constructor(root: string) {
    mkdirSync(root, { recursive: true });
    this.root = realpathSync(root);
  }

  /**
   * The folder that a workspace's name stands for.
   *
   * @param name path below the root; a leading slash is dropped, and an empty one is the root itself
   * @throws WorkspaceError when it is missing, no folder, or outside
   */
  async resolve(name: string): Promise<string> {
    const below = name.replace(/^\/+/, "");
    if (below.includes("\0") || below.split(/[/\\]/).includes("..") || isAbsolute(below)) {
      throw new WorkspaceError("A workspace is a path below the workspaces root, without `..`.");
    }
    const path = await realpath(join(this.root, below)).catch(() => null);
    if (path === null) throw new WorkspaceError(`There is no workspace named ${JSON.stringify(below)}.`);
    if (!this.#holds(path)) throw new WorkspaceError("That workspace leads outside the workspaces root.");
    if (!(await stat(path)).isDirectory())
      throw new WorkspaceError(`${JSON.stringify(below)} is a file, not a workspace.`);
    return path;
  }

  /** The name of the workspace that a folder is; a folder elsewhere has none. */
  nameOf(path: string): string | null {
    return this.#holds(path) ? relative(this.root, path) : null;
  }

  /** The folders right below the root, by name; at most `limit`. */
  async list(limit: number): Promise<WorkspaceEntry[]> {
    const folders = (await readdir(this.root, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .toSorted()
      .slice(0, limit);
    return Promise.all(folders.map((name) => describe(name, join(this.root, name))));
  }

  #holds(path: string): boolean {
    return path === this.root || path.startsWith(this.root + sep);
  }
}

async function describe(name: string, path: string): Promise<WorkspaceEntry> {
  const [folder, git] = await Promise.all([lstat(path), lstat(join(path, ".git")).catch(() => null)]);
  return { name, path, changedAt: Math.round(folder.mtimeMs), git: git !== null };
}
