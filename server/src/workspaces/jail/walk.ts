/**
 * Goes down from the root name by name, each looked up in the folder that is held from the step before. Links are read
 * here and never followed by the system, so that one that is swapped in at any time leads no further than any other.
 */
import { readlink, realpath } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { codeOf, fromSystem, missing, notAFolder, outside, WorkspaceError } from "../errors.ts";
import { Handle } from "./handle.ts";

/** Links in one path; as many as Linux follows. */
const maxLinks = 40;
/** Names looked up for one path, links included. */
const maxSteps = 4096;

/** How far a path leads. Whoever asked for it lets go of it. */
export class Place implements Disposable {
  constructor(
    /** Below the root, links resolved; what does not exist yet included. */
    readonly path: string,
    /** What is there; null when nothing is. */
    readonly found: Handle | null,
    /** The folder that holds it, or the deepest one on the way that exists. Null for the root itself. */
    readonly folder: Handle | null,
    /** Names below `folder` that do not exist; one or more when nothing was found. */
    readonly absent: readonly string[],
  ) {}

  /** Its name in `folder`; empty for the root. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  [Symbol.dispose](): void {
    this.found?.close();
    this.folder?.close();
  }
}

/**
 * @param root absolute, with its links resolved
 * @throws WorkspaceError when it leads outside or goes on below a file
 */
export async function walk(root: string, names: readonly string[], anchored?: boolean): Promise<Place> {
  const asked = names.join("/");
  const pending = [...names];
  let steps = 0;
  let links = 0;
  let trail: string[] = [];
  let above: Handle | null = null;
  let at = await Handle.folder(root, anchored);
  try {
    while (pending.length > 0) {
      if (steps++ > maxSteps || links > maxLinks)
        throw new WorkspaceError("invalid", "The path has too many links in it.");
      const name = pending.shift()!;
      if (!at.stats.isDirectory()) throw notAFolder(asked);
      if (name === ".") continue;
      if (name === "..") {
        if (trail.length === 0) throw outside(asked);
        await restart(trail.slice(0, -1));
        continue;
      }
      const next = await at.find(name);
      if (next === null) {
        const absent = [name, ...pending].filter((step) => step !== ".");
        // A link's target that climbs out of what does not exist.
        if (absent.includes("..")) throw missing(asked);
        above?.close();
        return new Place([...trail, ...absent].join("/"), null, at, absent);
      }
      if (next === "link") {
        links++;
        const target = await targetOf(at.child(name));
        // No link any more: the same name once more.
        if (target === null) pending.unshift(name);
        else if (isAbsolute(target)) await restart(await below(root, target, asked));
        else pending.unshift(...stepsOf(target));
        continue;
      }
      above?.close();
      above = at;
      at = next;
      trail.push(name);
    }
    return new Place(trail.join("/"), at, above, []);
  } catch (error) {
    above?.close();
    at.close();
    throw fromSystem(error, asked);
  }

  /** From the root again: these names first, then what is left. */
  async function restart(first: string[]): Promise<void> {
    const fresh = await Handle.folder(root, anchored);
    above?.close();
    at.close();
    above = null;
    at = fresh;
    trail = [];
    pending.unshift(...first);
  }
}

async function targetOf(link: string): Promise<string | null> {
  try {
    return await readlink(link);
  } catch (error) {
    if (codeOf(error) === "EINVAL" || codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The steps from the root to where an absolute link leads. The root may have other names than its real one. */
async function below(root: string, target: string, asked: string): Promise<string[]> {
  if (holds(root, target)) return stepsOf(target.slice(root.length));
  const real = await realpath(target).catch(() => null);
  // The same answer whether or not there is such a thing: what the host has is nobody's business.
  if (real === null || !holds(root, real)) throw outside(asked);
  return stepsOf(relative(root, real));
}

/** A link's target as steps. One that ends in a slash or a dot leads to a folder, never to a file. */
const stepsOf = (target: string): string[] =>
  `${target}${target.endsWith("/") ? "." : ""}`.split("/").filter((name) => name !== "");

/** Whether a path is the root or below it, by its text alone. */
export const holds = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
