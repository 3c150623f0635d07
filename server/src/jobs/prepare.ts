/** What is done in a workspace before the CLI works there: the operator's CLAUDE.md, and git. */
import { writeFile } from "node:fs/promises";
import type { GitMode } from "../store/workspace-settings-store.ts";
import { GitError, pullRebase } from "../workspaces/git.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import { JobError } from "./errors.ts";

export interface PrepareOptions {
  workspaces: Workspaces;
  /** What a workspace without a `CLAUDE.md` gets as one. */
  template: Uint8Array | null;
  /** What git is to do in a workspace. */
  git: (workspace: string) => GitMode;
  /** Milliseconds for git. */
  gitTimeoutMs: number;
}

/**
 * Returns the workspace's folder.
 *
 * @throws WorkspaceError when it is gone, JobError `git_failed` with git's own words
 */
export async function prepareWorkspace(
  workspace: string,
  { workspaces, template, git, gitTimeoutMs }: PrepareOptions,
  signal: AbortSignal,
): Promise<string> {
  const cwd = await workspaces.resolve(workspace);
  if (git(workspace) === "pull --rebase") {
    try {
      await pullRebase({ cwd, root: workspaces.root, timeoutMs: gitTimeoutMs, signal });
    } catch (cause) {
      if (!(cause instanceof GitError)) throw cause;
      throw new JobError("git_failed", `git pull --rebase failed: ${cause.message}`, { cause });
    }
  }
  if (template) await copyTemplate(workspaces, workspace, template);
  return cwd;
}

/** After git, which refuses to bring a file that is already there. */
async function copyTemplate(workspaces: Workspaces, workspace: string, template: Uint8Array): Promise<void> {
  using folder = await workspaces.jail.find(workspace);
  try {
    // Only where nothing is, a link included: what stands there is the owner's.
    await writeFile(folder.found.child("CLAUDE.md"), template, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
