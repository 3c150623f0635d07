/** What git knows of the files of a workspace, for the dashboard, under `/api/workspaces/:name/files/git`. */
import {
  fileDiff,
  type FileDiff,
  fileHistory,
  type FileHistory,
  fileLimits,
  gitStatus,
  type GitStatus,
  limits,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { plainQuery } from "../../http/plain-query.ts";
import { OpenFile, type WorkspaceFiles } from "../../workspaces/files/index.ts";
import { isTextual } from "../../workspaces/files/sniff.ts";
import { readCommit, readCommitted, readHistory, readStatus } from "../../workspaces/git-read.ts";
import { GitError } from "../../workspaces/git.ts";
import { namesOf } from "../../workspaces/jail/names.ts";
import { WorkspaceError } from "../../workspaces/workspaces.ts";
import type { WorkspaceFileServices } from "./index.ts";
import { placeOf } from "./place.ts";
import { unlessGone } from "./unless-gone.ts";

const params = z.object({ name: z.string().max(limits.path) });
const path = z.string().min(1, "a path is missing").max(limits.path);

const diffQuery = z.object({
  /** Below the workspace; with a commit from the top of the repository, as a file's history has it. */
  path,
  /** What this commit changed. Without: what has changed since the last one. */
  commit: z
    .string()
    .regex(/^[\da-f]{40,64}$/, "a commit is named by its whole hash")
    .optional(),
  /** Where the file was before the commit. */
  previous: path.optional(),
});

export const workspaceGit = ({ files, workspaces }: WorkspaceFileServices) => {
  const folderOf = async (name: string, request: Request) => {
    const { cwd } = await placeOf(workspaces, name, "");
    return { cwd, root: workspaces.root, signal: request.signal };
  };
  return new Elysia({
    name: "workspace-git",
    prefix: "/api/workspaces/:name/files/git",
    detail: { tags: ["Dashboard"] },
  })
    .onTransform(plainQuery)
    .get(
      "/",
      async ({ params: { name }, request }): Promise<GitStatus> => {
        const folder = await folderOf(name, request);
        return { repository: await said(request, () => readStatus(folder, fileLimits.gitChanges)) };
      },
      { params, response: gitStatus, detail: { summary: "Which files changed since the last commit" } },
    )
    .get(
      "/history",
      async ({ params: { name }, query, request }): Promise<FileHistory> => {
        const at = await placeOf(workspaces, name, query.path);
        const folder = await folderOf(name, request);
        return { commits: await said(request, () => readHistory(folder, at.path, fileLimits.commits)) };
      },
      {
        params,
        query: z.object({ path }),
        response: fileHistory,
        detail: { summary: "Commits that changed a file, the newest first" },
      },
    )
    .get(
      "/diff",
      async ({ params: { name }, query: { commit, previous, ...query }, request }): Promise<FileDiff> => {
        const folder = await folderOf(name, request);
        if (commit === undefined) {
          const at = await placeOf(workspaces, name, query.path);
          const before = await said(request, () => readCommitted(folder, at.path, fileLimits.text));
          return { before, after: await present(files, at.full) };
        }
        const paths = { path: inRepository(query.path), previousPath: inRepository(previous ?? query.path) };
        return said(request, () => readCommit(folder, commit, paths, fileLimits.text));
      },
      { params, query: diffQuery, response: fileDiff, detail: { summary: "A file before and after a change" } },
    );
};

/** Without dots and slashes that mean nothing: git takes those for a place below the folder. */
const inRepository = (given: string): string => namesOf(given).join("/");

/** git's own words are what a person needs to mend it. */
async function said<T>(request: Request, work: () => Promise<T>): Promise<T> {
  try {
    return await unlessGone(request, work);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new ApiError("conflict", `git: ${error.message}`, { cause: error });
  }
}

async function present(files: WorkspaceFiles, full: string): Promise<string | null> {
  const found = await files.open(full).catch((error: unknown) => {
    if (error instanceof WorkspaceError && error.kind === "missing") return null;
    throw error;
  });
  if (!(found instanceof OpenFile)) return null;
  using file = found;
  const bytes = await file.bytes(fileLimits.text);
  return bytes !== null && isTextual(bytes, true) ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) : null;
}
