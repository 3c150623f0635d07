import { WorkspaceError } from "../errors.ts";
/** A workspace from a git repository elsewhere. */
import { git, GitError } from "../git.ts";

export interface CloneOptions {
  /** `https://…`, `http://…`, `ssh://…` or `user@host:path`. */
  url: string;
  /** An empty folder, absolute. */
  folder: string;
  /** The workspaces root. */
  root: string;
  timeoutMs: number;
  signal: AbortSignal;
  onProgress: (progress: CloneProgress) => void;
}

/** What git does, in its own words, and how much of that is done; null where it does not say. */
export interface CloneProgress {
  doing: string;
  percent: number | null;
}

const remotes = [/^(https?|ssh):\/\/[^\s]+$/i, /^[\w.-]+@[\w.-]+:[^\s]+$/];

/** Neither a path of this machine nor a program: those are not somewhere else. */
export const isRemote = (url: string): boolean => !url.startsWith("-") && remotes.some((form) => form.test(url));

/** @throws WorkspaceError `invalid` with git's own words */
export async function clone({ url, folder, root, timeoutMs, signal, onProgress }: CloneOptions): Promise<void> {
  try {
    await git(["clone", "--progress", "--", url, "."], {
      cwd: folder,
      root,
      timeoutMs,
      signal,
      // Also for what a repository names as part of itself.
      env: { GIT_ALLOW_PROTOCOL: "http:https:ssh" },
      onWords: (words) => {
        for (const line of words.split(/[\r\n]+/)) {
          const progress = progressOf(line);
          if (progress) onProgress(progress);
        }
      },
    });
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    throw new WorkspaceError("invalid", `git could not clone it: ${cause.message}`, { cause });
  }
}

/** Of a line such as `Receiving objects:  45% (45/100), 1.2 MiB`. */
export function progressOf(line: string): CloneProgress | null {
  const [, doing, percent] = /^(?:remote: )?([A-Z][\w ]+):\s+(\d+)%/.exec(line) ?? [];
  return doing === undefined ? null : { doing, percent: Number(percent) };
}
