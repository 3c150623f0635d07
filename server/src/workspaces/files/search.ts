import { OpenFile, type WorkspaceFiles } from "./index.ts";
/**
 * Finds files below a folder by name and by content. It looks only through the jail, and every search is bounded in
 * entries, bytes and time: what was left out is said.
 */
import type { Entry } from "./listing.ts";

export interface SearchQuery {
  /** Folder to search; empty for the root. */
  path: string;
  /** A glob that the path below that folder must fit: `src/*.ts`. Without a slash it is for the name alone. */
  glob?: string | undefined;
  /** A part of the path below that folder, in letters of either case. */
  name?: string | undefined;
  /** Text that a line must contain, taken literally. */
  text?: string | undefined;
  ignoreCase?: boolean | undefined;
  limit: number;
}

export interface Match {
  /** Path below the root. */
  path: string;
  /** Of the line with the text, counted from 1; absent where only names were asked for. */
  line?: number;
  /** That line, or the beginning of it. */
  text?: string;
}

export interface SearchResult {
  matches: Match[];
  /** Not everything was looked at. */
  truncated: boolean;
}

/** Entries looked at, and milliseconds, in one search. */
const maxEntries = 50_000;
const maxMs = 10_000;
/** Bytes of a file whose content is looked at. */
const maxBytes = 2 * 1024 * 1024;
/** Folders within folders; links may make rings. */
const maxDepth = 32;
/** Characters of a line that is shown. */
const maxLine = 500;
/** What nobody means who searches. */
const skipped = new Set([".git", "node_modules"]);

/** @throws WorkspaceError when there is no such folder */
export async function searchFiles(
  files: Pick<WorkspaceFiles, "open">,
  query: SearchQuery,
  signal?: AbortSignal,
): Promise<SearchResult> {
  const matches: Match[] = [];
  const search = findFiles(files, query, signal);
  for (;;) {
    const { done, value } = await search.next();
    if (done) return { matches, truncated: value.truncated };
    matches.push(value);
  }
}

/** Tells each match as it is found, and at the end whether there may be more. @throws as `searchFiles` does */
export async function* findFiles(
  files: Pick<WorkspaceFiles, "open">,
  query: SearchQuery,
  signal?: AbortSignal,
): AsyncGenerator<Match, { truncated: boolean }> {
  const { path: start, text, limit } = query;
  const fits = both(globOf(query.glob), partOf(query.name));
  const line = text === undefined ? undefined : lineOf(text, query.ignoreCase ?? false);
  const end = performance.now() + maxMs;
  const pending: { path: string; below: string; depth: number }[] = [{ path: start, below: "", depth: 0 }];
  let looked = 0;
  let found = 0;
  let truncated = false;
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
    for await (const entry of entriesOf(files, folder.path, folder.depth === 0)) {
      signal?.throwIfAborted();
      if (found >= limit || looked++ >= maxEntries || performance.now() > end) return { truncated: true };
      const path = joined(folder.path, entry.name);
      const below = joined(folder.below, entry.name);
      if (entry.type === "dir") {
        if (skipped.has(entry.name)) continue;
        if (folder.depth < maxDepth) pending.push({ path, below, depth: folder.depth + 1 });
        else truncated = true;
        continue;
      }
      if (!fits(below, entry.name)) continue;
      if (line === undefined) {
        found++;
        yield { path };
      } else if ((entry.size ?? 0) > maxBytes) truncated = true;
      else {
        for (const match of await linesOf(files, path, line, limit - found)) {
          found++;
          yield match;
        }
      }
    }
  }
  return { truncated };
}

/** @param named whether somebody asked for this very folder, and should hear that it is not there */
async function* entriesOf(files: Pick<WorkspaceFiles, "open">, path: string, named: boolean): AsyncGenerator<Entry> {
  for (let after: string | undefined; ;) {
    const found = await files.open(path, after === undefined ? {} : { after }).catch((error: unknown) => {
      if (named) throw error;
      return null;
    });
    if (found === null) return;
    if (found instanceof OpenFile) {
      found.close();
      return;
    }
    yield* found.entries;
    after = found.entries.at(-1)?.name;
    if (!found.truncated || after === undefined) return;
  }
}

async function linesOf(
  files: Pick<WorkspaceFiles, "open">,
  path: string,
  line: (text: string) => boolean,
  limit: number,
): Promise<Match[]> {
  const found = await files.open(path).catch(() => null);
  if (!(found instanceof OpenFile)) return [];
  using file = found;
  const bytes = await file.bytes(maxBytes);
  // A zero byte is in every binary format and in no text.
  if (bytes === null || bytes.includes(0)) return [];
  const matches: Match[] = [];
  for (const [index, text] of new TextDecoder().decode(bytes).split("\n").entries()) {
    if (!line(text)) continue;
    matches.push({ path, line: index + 1, text: text.slice(0, maxLine).trimEnd() });
    if (matches.length >= limit) break;
  }
  return matches;
}

function globOf(pattern: string | undefined): Fits {
  if (pattern === undefined || pattern === "") return () => true;
  const glob = new Bun.Glob(pattern);
  return pattern.includes("/") ? (below) => glob.match(below) : (_, name) => glob.match(name);
}

function partOf(name: string | undefined): (below: string) => boolean {
  const part = name?.toLowerCase() ?? "";
  return part === "" ? () => true : (below) => below.toLowerCase().includes(part);
}

type Fits = (below: string, name: string) => boolean;

const both =
  (one: Fits, other: Fits): Fits =>
  (below, name) =>
    one(below, name) && other(below, name);

function lineOf(text: string, ignoreCase: boolean): (line: string) => boolean {
  if (!ignoreCase) return (line) => line.includes(text);
  const lower = text.toLowerCase();
  return (line) => line.toLowerCase().includes(lower);
}

const joined = (folder: string, name: string): string =>
  folder === "" ? name : `${folder.replace(/\/+$/, "")}/${name}`;
