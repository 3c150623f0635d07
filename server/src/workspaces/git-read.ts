import { parseHistory, parseStatus, type Commit, type Status } from "./git-parse.ts";
/** What git knows of a workspace and its files. Nothing is changed by asking, and no agent at work is kept waiting. */
import { git, type GitAnswer, GitError, type GitOptions } from "./git.ts";

/** Milliseconds that an answer may take. */
const timeoutMs = 15_000;
/** Questions that are worked on together, whoever asks; the others wait. */
const maxTogether = 4;

export interface GitFolder {
  /** Absolute path of the folder to ask in. */
  cwd: string;
  /** A repository is looked for no further up than this. */
  root: string;
  signal?: AbortSignal | undefined;
}

export interface GitSides {
  /** Null where there was none, where it is no text, and where it is too long. */
  before: string | null;
  after: string | null;
}

/** @returns null when the folder is in no repository @throws GitError */
export async function readStatus(folder: GitFolder, limit: number): Promise<Status | null> {
  const prefix = await prefixOf(folder);
  if (prefix === null) return null;
  const { output, truncated } = await ask(folder, [
    "status",
    "--porcelain=v2",
    "--branch",
    "-z",
    "--untracked-files=normal",
    "--",
    ".",
  ]);
  const status = parseStatus(output.toString("utf8"), prefix, limit);
  return truncated ? { ...status, truncated } : status;
}

/** Commits that changed a file, the newest first, followed through its renames. @throws GitError */
export async function readHistory(folder: GitFolder, path: string, limit: number): Promise<Commit[]> {
  if ((await prefixOf(folder)) === null || !(await hasCommits(folder))) return [];
  const { output } = await ask(folder, [
    "log",
    "--follow",
    "--find-renames",
    "--name-status",
    "--no-show-signature",
    `--max-count=${limit}`,
    "-z",
    "--format=%x01%H%x01%an%x01%at%x01%s",
    "--",
    path,
  ]);
  return parseHistory(output.toString("utf8"));
}

/** A file as it was committed last; null as in `GitSides`. @param path below the folder */
export async function readCommitted(folder: GitFolder, path: string, maxBytes: number): Promise<string | null> {
  if ((await prefixOf(folder)) === null) return null;
  return blob(folder, `HEAD:./${path}`, maxBytes);
}

/** A file before and after a commit. @param paths from the top of the repository */
export async function readCommit(
  folder: GitFolder,
  commit: string,
  { path, previousPath }: { path: string; previousPath: string },
  maxBytes: number,
): Promise<GitSides> {
  const [before, after] = await Promise.all([
    blob(folder, `${commit}^:${previousPath}`, maxBytes),
    blob(folder, `${commit}:${path}`, maxBytes),
  ]);
  return { before, after };
}

/** Where the folder is in its repository: empty, or with a slash at its end. Null when it is in none. */
async function prefixOf(folder: GitFolder): Promise<string | null> {
  try {
    const { output } = await ask(folder, ["rev-parse", "--show-prefix"]);
    return output.toString("utf8").replace(/\n$/, "");
  } catch (error) {
    if (error instanceof GitError && /not a git repository/.test(error.message)) return null;
    throw error;
  }
}

const hasCommits = (folder: GitFolder): Promise<boolean> =>
  ask(folder, ["rev-parse", "--quiet", "--verify", "HEAD"]).then(
    () => true,
    (error: unknown) => {
      if (error instanceof GitError) return false;
      throw error;
    },
  );

async function blob(folder: GitFolder, name: string, maxBytes: number): Promise<string | null> {
  const answer = await ask(folder, ["cat-file", "blob", name], maxBytes).catch((error: unknown) => {
    // There is none of that name; a repository that is broken tells so elsewhere.
    if (error instanceof GitError) return null;
    throw error;
  });
  if (answer === null || answer.truncated || answer.output.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(answer.output);
  } catch {
    return null;
  }
}

/** What the repository's own settings would run for a question is not run. */
const settings = [
  "--no-optional-locks",
  "--literal-pathspecs",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.hooksPath=/dev/null",
];

let working = 0;
const waiting: (() => void)[] = [];

async function ask({ cwd, root, signal }: GitFolder, args: readonly string[], maxBytes?: number): Promise<GitAnswer> {
  const options: GitOptions = {
    cwd,
    root,
    timeoutMs,
    signal,
    // Its words are looked at.
    env: { LC_ALL: "C" },
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
  if (working >= maxTogether) await new Promise<void>((resolve) => waiting.push(resolve));
  working++;
  try {
    return await git([...settings, ...args], options);
  } finally {
    working--;
    waiting.shift()?.();
  }
}
