/** What git says of the files in the tree, each by its path. */
import type { GitState, GitStatus } from "@lodge/shared";
import { ancestorsOf, isWithin } from "./paths.ts";

export type Mark = GitState | "contains";

export type MarkOf = (path: string) => Mark | undefined;

export const letters: Record<Mark, string> = {
  modified: "M",
  added: "A",
  deleted: "D",
  renamed: "R",
  untracked: "U",
  conflicted: "!",
  contains: "•",
};

export const words: Record<Mark, string> = {
  modified: "changed since the last commit",
  added: "added since the last commit",
  deleted: "deleted since the last commit",
  renamed: "renamed since the last commit",
  untracked: "not known to git",
  conflicted: "in conflict",
  contains: "has changes in it",
};

export function marksOf(repository: GitStatus["repository"] | undefined): MarkOf {
  const exact = new Map<string, Mark>();
  const wholeFolders: string[] = [];
  for (const { path, state } of repository?.changes ?? []) {
    const bare = path.replace(/\/$/, "");
    if (bare !== path) wholeFolders.push(bare);
    for (const folder of ancestorsOf(bare)) if (!exact.has(folder)) exact.set(folder, "contains");
    exact.set(bare, state);
  }
  return (path) => exact.get(path) ?? (wholeFolders.some((folder) => isWithin(path, folder)) ? "untracked" : undefined);
}
