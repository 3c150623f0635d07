/** The folders in which sessions run: all below one root, and nothing outside it. */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { WorkspaceError } from "./errors.ts";
import { Jail } from "./jail/index.ts";

export { WorkspaceError } from "./errors.ts";

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
  /** For everything below the root that is more than a folder to run in. */
  readonly jail: Jail;

  /** Makes the root when it is missing. */
  constructor(root: string) {
    mkdirSync(root, { recursive: true });
    this.root = realpathSync(root);
    this.jail = new Jail(this.root);
  }

  /**
   * The folder that a workspace's name stands for.
   *
   * @param name path below the root; a leading slash is dropped, and an empty one is the root itself
   * @throws WorkspaceError when it is missing, no folder, or outside
   */
  async resolve(name: string): Promise<string> {
    // Most turns name none, and have no time to lose on the way to their session.
    if (name === "" && existsSync(this.root)) return this.root;
    using place = await this.jail.find(name).catch((error: unknown) => {
      if (!(error instanceof WorkspaceError) || error.kind !== "missing") throw error;
      const below = JSON.stringify(name.replace(/^\//, ""));
      throw new WorkspaceError("missing", `There is no workspace named ${below}.`, { cause: error });
    });
    if (place.found.stats.isDirectory()) return join(this.root, place.path);
    throw new WorkspaceError("not_a_folder", `${JSON.stringify(place.path)} is a file, not a workspace.`);
  }

  /** The name of the workspace that a folder is; a folder elsewhere has none. */
  nameOf(path: string): string | null {
    return this.jail.nameOf(path);
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
}

async function describe(name: string, path: string): Promise<WorkspaceEntry> {
  const [folder, git] = await Promise.all([lstat(path), lstat(join(path, ".git")).catch(() => null)]);
  return { name, path, changedAt: Math.round(folder.mtimeMs), git: git !== null };
}
