/**
 * Tells what changes in some folders, and in one file, while somebody looks at them. Each is looked at now and then: that
 * works on every file system, costs a few microseconds apiece, and holds nothing open in between.
 */
import type { BigIntStats } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { WorkspaceError } from "../errors.ts";
import type { Jail } from "../jail/index.ts";
import { versionOf } from "./version.ts";

export type Change =
  | { type: "watching"; seen: { path: string; version: string | null }[] }
  | { type: "folder" | "file"; path: string };

export interface Watched {
  /** Paths below the root. */
  folders: readonly string[];
  file?: string | undefined;
}

/** Milliseconds between two looks. */
export const lookMs = 700;
/**
 * Milliseconds: a file system's clock ticks every few of them, so that a second change at the same tick leaves the same
 * time. What has just changed is therefore told of once more.
 */
const tickMs = 50;

export interface Seen {
  /** Null where nothing is, or nothing that may be seen. */
  version: string | null;
  isFresh: boolean;
}

/** Whether somebody who heard of the one should hear of the other. */
export const isChanged = (was: Seen, is: Seen): boolean => is.version !== was.version || (was.isFresh && !is.isFresh);

export const nothingSeen: Seen = { version: null, isFresh: false };

export function seenOf(stats: BigIntStats): Seen {
  const { etag, modified } = versionOf(stats);
  return { version: etag, isFresh: Math.abs(Date.now() - modified.getTime()) < tickMs };
}

/** Ends when the signal aborts. */
export async function* followChanges(
  jail: Jail,
  { folders, file }: Watched,
  signal: AbortSignal,
  everyMs = lookMs,
): AsyncGenerator<Change> {
  const paths = file === undefined ? [...folders] : [...folders, file];
  let seen = await Promise.all(paths.map((path) => look(jail, path)));
  yield { type: "watching", seen: paths.map((path, index) => ({ path, version: seen[index]!.version })) };
  while (!signal.aborted) {
    try {
      await delay(everyMs, undefined, { signal });
    } catch {
      return;
    }
    const now = await Promise.all(paths.map((path) => look(jail, path)));
    const before = seen;
    seen = now;
    for (const [index, path] of paths.entries()) {
      if (!isChanged(before[index]!, now[index]!)) continue;
      yield { type: index < folders.length ? "folder" : "file", path };
    }
  }
}

async function look(jail: Jail, path: string): Promise<Seen> {
  try {
    using place = await jail.find(path);
    return seenOf(place.found.stats);
  } catch (error) {
    if (error instanceof WorkspaceError) return nothingSeen;
    throw error;
  }
}
