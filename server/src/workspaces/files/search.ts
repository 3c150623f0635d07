/**
 * Finds files below a folder by name and by content. What it tells it has read through the jail, whoever said where to
 * look, and every search is bounded in entries, bytes and time: what was left out is said.
 */
import { OpenFile, type WorkspaceFiles } from "./index.ts";
import type { Entry } from "./listing.ts";
import { RipgrepError } from "./ripgrep.ts";

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
const skipped = [".git", "node_modules"];

/** Without `candidates` every file is looked at. */
export type Searched = Pick<WorkspaceFiles, "open"> & Partial<Pick<WorkspaceFiles, "candidates">>;

/** @throws WorkspaceError when there is no such folder */
export async function searchFiles(files: Searched, query: SearchQuery, signal?: AbortSignal): Promise<SearchResult> {
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
  files: Searched,
  query: SearchQuery,
  signal?: AbortSignal,
): AsyncGenerator<Match, { truncated: boolean }> {
  using stop = new Stop(signal);
  let found = 0;
  // To the program several lines are several texts. Names alone are found sooner without it.
  const isLine = query.text !== undefined && !query.text.includes("\n");
  const wanted = { text: query.text ?? "", ignoreCase: query.ignoreCase ?? false, skipped, depth: maxDepth };
  const candidates = isLine ? files.candidates?.(query.path, wanted, stop.signal) : null;
  if (candidates) {
    try {
      const search = among(files, query, candidates, stop);
      for (;;) {
        const { done, value } = await search.next();
        if (done) return value;
        found++;
        yield value;
      }
    } catch (error) {
      // Only what was looked at by itself could be told twice.
      if (!(error instanceof RipgrepError) || found > 0) throw error;
    }
  }
  return yield* throughout(files, query, stop);
}

/** The time for a search, and whether somebody still waits for it. */
class Stop implements Disposable {
  readonly signal: AbortSignal;
  readonly #late = new AbortController();
  readonly #asked: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(asked: AbortSignal | undefined) {
    this.#asked = asked;
    this.#timer = setTimeout(() => this.#late.abort(), maxMs);
    this.signal = asked === undefined ? this.#late.signal : AbortSignal.any([asked, this.#late.signal]);
  }

  get isLate(): boolean {
    return this.#late.signal.aborted;
  }

  /** @throws the reason when nobody waits any more */
  check(): void {
    this.#asked?.throwIfAborted();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#late.abort();
  }
}

/** Looks at those files only that may hold it. */
async function* among(
  files: Searched,
  query: SearchQuery,
  candidates: AsyncGenerator<string>,
  stop: Stop,
): AsyncGenerator<Match, { truncated: boolean }> {
  const fits = both(globOf(query.glob), partOf(query.name));
  let found = 0;
  let truncated = false;
  for await (const below of candidates) {
    stop.check();
    if (found >= query.limit || stop.isLate) return { truncated: true };
    if (!fits(below, below.slice(below.lastIndexOf("/") + 1))) continue;
    const looked = await lookAt(files, joined(query.path, below), query, query.limit - found);
    truncated ||= looked.truncated;
    found += looked.matches.length;
    yield* looked.matches;
  }
  stop.check();
  return { truncated: truncated || stop.isLate };
}

/** One file that somebody else named: it is opened before anything is said of it. */
async function lookAt(files: Searched, path: string, query: SearchQuery, limit: number): Promise<SearchResult> {
  const nothing = { matches: [], truncated: false };
  const found = await files.open(path).catch(() => null);
  if (!(found instanceof OpenFile)) return nothing;
  using file = found;
  if (file.version.size > maxBytes) return { matches: [], truncated: true };
  return {
    matches: await linesIn(file, path, lineOf(query.text ?? "", query.ignoreCase ?? false), limit),
    truncated: false,
  };
}

/** Looks at every file. */
async function* throughout(
  files: Searched,
  query: SearchQuery,
  stop: Stop,
): AsyncGenerator<Match, { truncated: boolean }> {
  const { path: start, text, limit } = query;
  const fits = both(globOf(query.glob), partOf(query.name));
  const line = text === undefined ? undefined : lineOf(text, query.ignoreCase ?? false);
  const pending: { path: string; below: string; depth: number }[] = [{ path: start, below: "", depth: 0 }];
  let looked = 0;
  let found = 0;
  let truncated = false;
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
    for await (const entry of entriesOf(files, folder.path, folder.depth === 0)) {
      stop.check();
      if (found >= limit || looked++ >= maxEntries || stop.isLate) return { truncated: true };
      const path = joined(folder.path, entry.name);
      const below = joined(folder.below, entry.name);
      if (entry.type === "dir") {
        if (skipped.includes(entry.name)) continue;
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
  return await linesIn(file, path, line, limit);
}

async function linesIn(file: OpenFile, path: string, line: (text: string) => boolean, limit: number): Promise<Match[]> {
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
