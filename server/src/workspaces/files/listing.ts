/**
 * What is in a folder. Everything listed can be opened under its name: links count as what they lead to, and are left
 * out with what nothing can be done with: links that lead outside or nowhere, sockets, pipes, devices, uploads under way.
 */
import { type BigIntStats, lstat } from "node:fs";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { codeOf, fromSystem, WorkspaceError } from "../errors.ts";
import type { Found, Jail } from "../jail/index.ts";
import { isTemporary } from "./temporary.ts";

const stat = promisify(lstat) as unknown as (path: string, options: { bigint: true }) => Promise<BigIntStats>;

/** Entries in one reply. */
const maxEntries = 10_000;
/** Entries looked at together. */
const batch = 64;

export interface Entry {
  name: string;
  type: "dir" | "file";
  /** Bytes; of files only. */
  size?: number;
  /** ISO 8601. */
  mtime: string;
}

export interface Listing {
  path: string;
  entries: Entry[];
  /** There are more: ask for those after the last one. */
  truncated?: true;
}

export interface ListOptions {
  /** Only entries whose names come after this one. */
  after?: string | undefined;
}

/** @param folder a folder of the jail, which the caller lets go of */
export async function listFolder(jail: Jail, folder: Found, { after }: ListOptions = {}): Promise<Listing> {
  const names = (
    await readdir(folder.found.path).catch((error: unknown) => Promise.reject(fromSystem(error, folder.path)))
  )
    .filter((name) => !isTemporary(name) && (after === undefined || name > after))
    .toSorted();
  const entries: Entry[] = [];
  for (let from = 0; from < names.length; from += batch) {
    const part = names.slice(from, from + batch).map((name) => describe(jail, folder, name));
    for (const entry of await Promise.all(part)) {
      if (entry === null) continue;
      if (entries.length === maxEntries) return { path: folder.path, entries, truncated: true };
      entries.push(entry);
    }
  }
  return { path: folder.path, entries };
}

async function describe(jail: Jail, folder: Found, name: string): Promise<Entry | null> {
  try {
    const stats = await stat(folder.found.child(name), { bigint: true });
    if (!stats.isSymbolicLink()) return entryOf(name, stats);
    using target = await jail.find(`${folder.path}/${name}`);
    return entryOf(name, target.found.stats);
  } catch (error) {
    if (error instanceof WorkspaceError || codeOf(error) === "ENOENT") return null;
    throw fromSystem(error, folder.path);
  }
}

function entryOf(name: string, stats: BigIntStats): Entry | null {
  const mtime = stats.mtime.toISOString();
  if (stats.isDirectory()) return { name, type: "dir", mtime };
  return stats.isFile() ? { name, type: "file", size: Number(stats.size), mtime } : null;
}
