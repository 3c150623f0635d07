/** What is found in a workspace and what changes in it, as it happens: server-sent events under `/api/workspaces/:name/files`. */
import { type FileChange, fileLimits, limits, type SearchEvent } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { eventStream } from "../../http/event-stream.ts";
import { plainQuery } from "../../http/plain-query.ts";
import type { WorkspaceFiles } from "../../workspaces/files/index.ts";
import { findFiles, type SearchQuery } from "../../workspaces/files/search.ts";
import { WorkspaceError } from "../../workspaces/workspaces.ts";
import type { WorkspaceFileServices } from "./index.ts";
import { placeOf, type WorkspacePlace } from "./place.ts";

const params = z.object({ name: z.string().max(limits.path) });
const path = z.string().max(limits.path);

const searchQuery = z
  .object({
    /** Folder to search. */
    path: path.default(""),
    /** A part of the path below it. */
    name: z.string().min(1).max(limits.name).optional(),
    /** A part of a line. */
    text: z.string().min(1).max(limits.name).optional(),
    /** A glob that the path below it, or without a slash in it the name, must fit. */
    glob: z.string().min(1).max(limits.name).optional(),
    case: z.enum(["any", "same"]).default("any"),
  })
  .refine(({ name, text, glob }) => (name ?? text ?? glob) !== undefined, {
    message: "give `name`, `text` or `glob` to look for",
    path: ["name"],
  });

const changesQuery = z.object({
  /** A JSON array of folders. */
  folders: z.string().max(16_384).default("[]"),
  file: path.optional(),
});

const folderList = z.array(path).max(fileLimits.watched);

export const workspaceWatch = ({ files, workspaces }: WorkspaceFileServices) =>
  new Elysia({
    name: "workspace-watch",
    prefix: "/api/workspaces/:name/files",
    detail: { tags: ["Dashboard"] },
  })
    .onTransform(plainQuery)
    .get(
      "/search",
      async ({ params: { name }, query, request }) => {
        const at = await placeOf(workspaces, name, query.path);
        await files.names(at.full, 0);
        const search = {
          path: at.full,
          limit: fileLimits.matches,
          text: query.text,
          name: query.name,
          glob: query.glob,
          ignoreCase: query.case === "any",
        };
        return eventStream(request, frames(found(files, search, at.workspace, request.signal)));
      },
      {
        params,
        query: searchQuery,
        detail: {
          summary: "Search by name or by content, server-sent",
          description: "Each match as it is found, then `end`, which says whether everything was looked at.",
        },
      },
    )
    .get(
      "/changes",
      async ({ params: { name }, query, request }) => {
        const folders = await Promise.all(foldersOf(query.folders).map((each) => placeOf(workspaces, name, each)));
        const file = query.file === undefined ? undefined : await placeOf(workspaces, name, query.file);
        return eventStream(request, frames(changes(files, folders, file, request.signal)));
      },
      {
        params,
        query: changesQuery,
        detail: {
          summary: "What changes in some folders and in one file, server-sent",
          description: "`watching` first: what is not told of from there on did not change.",
        },
      },
    );

function foldersOf(text: string): string[] {
  try {
    return folderList.parse(JSON.parse(text));
  } catch (cause) {
    throw new ApiError("unprocessable", `folders: a JSON array of at most ${fileLimits.watched} paths is expected.`, {
      param: "folders",
      cause,
    });
  }
}

async function* found(
  files: WorkspaceFiles,
  query: SearchQuery,
  workspace: string,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const below = (full: string) => (workspace === "" ? full : full.slice(workspace.length + 1));
  const search = findFiles(files, query, signal);
  try {
    for (;;) {
      const { done, value } = await search.next();
      if (done) return yield { type: "end", truncated: value.truncated };
      const { line, text } = value;
      yield {
        type: "match",
        path: below(value.path),
        ...(line === undefined ? {} : { line }),
        ...(text === undefined ? {} : { text: text.slice(0, fileLimits.line) }),
      };
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof WorkspaceError)) throw error;
    yield { type: "failed", message: error.message.slice(0, limits.text) };
  }
}

async function* changes(
  files: WorkspaceFiles,
  folders: readonly WorkspacePlace[],
  file: WorkspacePlace | undefined,
  signal: AbortSignal,
): AsyncGenerator<FileChange> {
  const asked = new Map([...folders, ...(file === undefined ? [] : [file])].map((each) => [each.full, each.path]));
  const toAsked = <T extends { path: string }>(told: T): T => ({ ...told, path: asked.get(told.path) ?? told.path });
  const watched = { folders: folders.map(({ full }) => full), file: file?.full };
  for await (const change of files.changes(watched, signal)) {
    yield change.type === "watching" ? { ...change, seen: change.seen.map(toAsked) } : toAsked(change);
  }
}

async function* frames(events: AsyncIterable<SearchEvent | FileChange>): AsyncGenerator<string> {
  for await (const event of events) yield `data: ${JSON.stringify(event)}\n\n`;
}
