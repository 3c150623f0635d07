/**
 * The names in a folder, without a look at what each stands for: a folder with 50,000 files is listed at once. Links count
 * as what they lead to; what nothing can be done with is left out, as in `listing.ts`.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { fromSystem } from "../errors.ts";
import type { Found, Jail } from "../jail/index.ts";
import { isTemporary } from "./temporary.ts";

export interface Names {
  folders: string[];
  files: string[];
  /** There are more. */
  truncated: boolean;
}

/** Links looked at together. */
const batch = 64;
/** Names up to which numbers in them are compared as numbers; that takes ten times as long. */
const naturalOrder = 5000;

/** @param folder a folder of the jail, which the caller lets go of */
export async function listNames(jail: Jail, folder: Found, limit: number): Promise<Names> {
  const entries = await readdir(folder.found.path, { withFileTypes: true }).catch((error: unknown) =>
    Promise.reject(fromSystem(error, folder.path)),
  );
  const names: Names = { folders: [], files: [], truncated: false };
  const unclear: string[] = [];
  for (const entry of entries) {
    if (isTemporary(entry.name)) continue;
    if (names.folders.length + names.files.length + unclear.length >= limit) {
      names.truncated = true;
      break;
    }
    if (entry.isDirectory()) names.folders.push(entry.name);
    else if (entry.isFile()) names.files.push(entry.name);
    else if (isUnclear(entry)) unclear.push(entry.name);
  }
  for (let from = 0; from < unclear.length; from += batch) {
    const part = unclear.slice(from, from + batch);
    const types = await Promise.all(part.map((name) => typeOf(jail, `${folder.path}/${name}`)));
    for (const [index, type] of types.entries()) if (type !== null) names[type].push(part[index]!);
  }
  return { ...names, folders: sorted(names.folders), files: sorted(names.files) };
}

/** A link, or on a file system that tells no types anything at all. */
const isUnclear = (entry: Dirent): boolean =>
  !(entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice());

async function typeOf(jail: Jail, path: string): Promise<"folders" | "files" | null> {
  try {
    using place = await jail.find(path);
    if (place.found.stats.isDirectory()) return "folders";
    return place.found.stats.isFile() ? "files" : null;
  } catch {
    // It leads outside or nowhere, or is gone.
    return null;
  }
}

const natural = new Intl.Collator("en", { numeric: true });

function sorted(names: string[]): string[] {
  if (names.length <= naturalOrder) return names.sort(natural.compare);
  return names
    .map((name) => [name.toLowerCase(), name] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, name]) => name);
}
