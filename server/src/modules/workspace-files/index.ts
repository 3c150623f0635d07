/** The files of one workspace for the dashboard, under `/api/workspaces/:name/files`. A query or a body names the path. */
import {
  deletedFile,
  type DeletedFile,
  fileInfo,
  type FileInfo,
  fileLimits,
  folderListing,
  limits,
  moveForm,
  pathForm,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { plainQuery } from "../../http/plain-query.ts";
import { replyEnd } from "../../http/reply-end.ts";
import { contextOf } from "../../http/request-context.ts";
import { callerOf } from "../../http/request-context.ts";
import { OpenFile, type WorkspaceFiles } from "../../workspaces/files/index.ts";
import { isText } from "../../workspaces/files/sniff.ts";
import type { Trash, TrashEntry } from "../../workspaces/files/trash.ts";
import { WorkspaceError, type Workspaces } from "../../workspaces/workspaces.ts";
import { mediaTypeOf } from "../files/media-type.ts";
import { attachment, receiveContent, sendContent } from "./content.ts";
import { placeOf } from "./place.ts";
import { unlessGone } from "./unless-gone.ts";

export interface WorkspaceFileServices {
  files: WorkspaceFiles;
  trash: Trash;
  workspaces: Workspaces;
  /** Told of what is deleted, by its path below the root, and by whom. */
  fileDeleted: (path: string, caller: Caller) => void;
}

const params = z.object({ name: z.string().max(limits.path) });
const path = z.string().max(limits.path);
const folderQuery = z.object({ path: path.default("") });
const fileQuery = z.object({ path: path.min(1, "a path is missing") });
const contentQuery = fileQuery.extend({
  /** To keep it instead of showing it. */
  download: z.enum(["1"]).optional(),
});
const written = z.object({ path, etag: z.string(), size: z.number().int() });
const made = z.object({ path });
const binary = { type: "string", contentMediaType: "application/octet-stream" } as const;

export const workspaceFiles = ({ files, trash, workspaces, fileDeleted }: WorkspaceFileServices) => {
  /** A path that is not the workspace itself. */
  const below = async (name: string, given: string) => {
    const at = await placeOf(workspaces, name, given);
    if (at.path !== "") return at;
    throw new WorkspaceError("invalid", "That is the workspace itself, which stays where it is.");
  };
  return new Elysia({
    name: "workspace-files",
    prefix: "/api/workspaces/:name/files",
    detail: { tags: ["Dashboard"] },
  })
    .onTransform(plainQuery)
    .get(
      "/",
      async ({ params: { name }, query }) => {
        const at = await placeOf(workspaces, name, query.path);
        return { ...(await files.names(at.full, fileLimits.names)), path: at.path };
      },
      { params, query: folderQuery, response: folderListing, detail: { summary: "The names in one folder" } },
    )
    .get(
      "/info",
      async ({ params: { name }, query }): Promise<FileInfo> => {
        const at = await placeOf(workspaces, name, query.path);
        return { ...(await describe(files, at.full)), path: at.path };
      },
      { params, query: folderQuery, response: fileInfo, detail: { summary: "What is at a path" } },
    )
    .get(
      "/content",
      async ({ params: { name }, query, request }) => {
        const at = await placeOf(workspaces, name, query.path);
        return sendContent(files, at.full, request, query.download !== undefined);
      },
      {
        params,
        query: contentQuery,
        detail: {
          summary: "A file's content",
          description:
            "With `etag`, for `range` and the other conditions. Whatever it is, it runs nothing in a browser.",
        },
      },
    )
    .put(
      "/content",
      async ({ params: { name }, query, request, set }) => {
        const at = await placeOf(workspaces, name, query.path);
        const { version } = await receiveContent(files, at.full, request, (current) => {
          if (current !== null) set.headers["etag"] = current.etag;
        });
        set.headers["etag"] = version.etag;
        return { path: at.path, etag: version.etag, size: version.size };
      },
      {
        params,
        query: fileQuery,
        response: written,
        detail: {
          requestBody: { required: true, content: { "application/octet-stream": { schema: binary } } },
          summary: "Write a file",
          description:
            "`if-match` with the tag of what is to be replaced, or `if-none-match: *` for a file that is new. When it is another by now the answer is 412, with the tag of what is there.",
        },
      },
    )
    .get(
      "/archive",
      async ({ params: { name }, query, request }) => {
        const at = await placeOf(workspaces, name, query.path);
        const archive = await files.zip(at.full, request.signal);
        contextOf(request).streaming = replyEnd(request);
        const called = at.full.slice(at.full.lastIndexOf("/") + 1) || "workspaces";
        return new Response(archive, {
          headers: {
            "content-type": "application/zip",
            "content-disposition": attachment(`${called}.zip`),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
          },
        });
      },
      {
        params,
        query: folderQuery,
        detail: { summary: "A folder as a ZIP archive", description: "Made while it is sent. Links are left out." },
      },
    )
    .post(
      "/folders",
      async ({ params: { name }, body }) => {
        const at = await placeOf(workspaces, name, body.path);
        await files.makeFolder(at.full);
        return { path: at.path };
      },
      { params, body: pathForm, response: made, detail: { summary: "Make a folder, with those on the way" } },
    )
    .post(
      "/move",
      async ({ params: { name }, body }) => {
        const [from, to] = await Promise.all([below(name, body.from), below(name, body.to)]);
        await files.move(from.full, to.full);
        return { path: to.path };
      },
      {
        params,
        body: moveForm,
        response: made,
        detail: { summary: "Give a file or a folder another name or place; 409 when something is there" },
      },
    )
    .post(
      "/copy",
      async ({ params: { name }, body, request }) => {
        const [from, to] = await Promise.all([below(name, body.from), below(name, body.to)]);
        await unlessGone(request, () => files.copy(from.full, to.full, request.signal));
        return { path: to.path };
      },
      {
        params,
        body: moveForm,
        response: made,
        detail: { summary: "Copy a file or a folder; 409 when something is there" },
      },
    )
    .post(
      "/delete",
      async ({ params: { name }, body, request }) => {
        const at = await below(name, body.path);
        const deleted = await trash.put(at.full);
        fileDeleted(at.full, callerOf(request));
        return toDeleted(deleted, at.workspace);
      },
      {
        params,
        body: pathForm,
        response: deletedFile,
        detail: { summary: "Delete a file or a folder, which can be brought back for seven days" },
      },
    )
    .get(
      "/deleted",
      async ({ params: { name } }) => {
        const { workspace } = await placeOf(workspaces, name, "");
        const found = trash.list(workspace).slice(0, fileLimits.deleted);
        return { deleted: found.map((entry) => toDeleted(entry, workspace)) };
      },
      {
        params,
        response: z.object({ deleted: z.array(deletedFile) }),
        detail: { summary: "What was deleted and can be brought back, the newest first" },
      },
    )
    .post(
      "/deleted/:id/restore",
      async ({ params: { name, id } }) => {
        const { workspace } = await placeOf(workspaces, name, "");
        const full = await trash.restore(id, workspace);
        return { path: belowWorkspace(full, workspace) };
      },
      {
        params: params.extend({ id: z.uuid() }),
        response: made,
        detail: { summary: "Bring back what was deleted; 409 when something has taken its place" },
      },
    );
};

async function describe(files: WorkspaceFiles, full: string): Promise<FileInfo> {
  const changedAt = await files.folderChangedAt(full);
  if (changedAt !== null) return { type: "dir", path: full, modifiedAt: changedAt.getTime() };
  const found = await files.open(full);
  if (!(found instanceof OpenFile)) throw new WorkspaceError("is_a_folder", "It has become a folder meanwhile.");
  using file = found;
  const { etag, size, modified } = file.version;
  return {
    type: "file",
    path: full,
    modifiedAt: modified.getTime(),
    size,
    etag,
    mediaType: mediaTypeOf(full),
    isText: await isText(file),
  };
}

const belowWorkspace = (full: string, workspace: string): string =>
  workspace === "" ? full : full.slice(workspace.length + 1);

const toDeleted = ({ path: full, ...entry }: TrashEntry, workspace: string): DeletedFile => ({
  ...entry,
  path: belowWorkspace(full, workspace),
});
