/** Files below the workspaces root: listed, read, written and removed under `/files`. */
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { callerOf } from "../../http/request-context.ts";
import { OpenFile, type Version, type WorkspaceFiles } from "../../workspaces/files/index.ts";
import { pathOf, prefix } from "./address.ts";
import { requireUnchanged } from "./conditions.ts";
import { download } from "./download.ts";
import { reachable } from "./reachable.ts";
import { upload } from "./upload.ts";

const listing = z.object({
  /** Below the workspaces root; empty for the root. */
  path: z.string(),
  entries: z.array(
    z.object({ name: z.string(), type: z.enum(["dir", "file"]), size: z.number().optional(), mtime: z.string() }),
  ),
  truncated: z.boolean().optional(),
});

/** Any bytes, in the words of OpenAPI 3.1. */
const binary = { type: "string", contentMediaType: "application/octet-stream" } as const;

const query = z.object({ after: z.string().max(255).optional() });

/** @param onDeleted told of each file that is deleted, and by whom */
export const files = (source: WorkspaceFiles, onDeleted: (path: string, caller: Caller) => void) => {
  const filesFor = (request: Request) => reachable(source, callerOf(request).reach);
  const read = async (request: Request, after: string | undefined) => {
    const found = await filesFor(request).open(pathOf(request), { after });
    return found instanceof OpenFile ? download(request, found) : Response.json(found);
  };
  const remove = async (request: Request) => {
    const check = (current: Version | null) => requireUnchanged(request.headers, current);
    const path = await filesFor(request).remove(pathOf(request), check);
    onDeleted(path, callerOf(request));
    return { status: "ok", path };
  };
  return (
    new Elysia({ name: "files", detail: { tags: ["Files"] } })
      .get(prefix, ({ request, query: { after } }) => read(request, after), {
        query,
        response: listing,
        detail: {
          summary: "List the workspaces root",
          description:
            "At most 10,000 entries by name; `truncated` says that there are more, which `after` with the last name gets.",
        },
      })
      .get(`${prefix}/*`, ({ request, query: { after } }) => read(request, after), {
        query,
        response: listing,
        detail: {
          summary: "List a folder or download a file",
          description:
            "A folder is listed, a file sent as it is: with `etag`, for `range`, `if-none-match` and the other conditions. Links count as what they lead to; those that lead outside, sockets, pipes and devices are not listed.",
        },
      })
      // The body is the file, whatever it looks like: `http/hooks.ts` leaves it alone.
      .put(
        `${prefix}/*`,
        async ({ request, set }) => {
          const { path, version } = await upload(filesFor(request), pathOf(request), request);
          set.headers["etag"] = version.etag;
          return { status: "ok", path, size: version.size };
        },
        {
          response: z.object({ status: z.string(), path: z.string(), size: z.number() }),
          detail: {
            requestBody: { required: true, content: { "application/octet-stream": { schema: binary } } },
            summary: "Write a file",
            description:
              "The body is the content, whatever its type. It takes the old file's place when all of it is there, or not at all; folders on the way are made. `if-match` and `if-none-match: *` guard against overwriting what somebody else wrote.",
          },
        },
      )
      .delete(prefix, ({ request }) => remove(request), {
        response: z.object({ status: z.string(), path: z.string() }),
        detail: { hide: true },
      })
      .delete(`${prefix}/*`, ({ request }) => remove(request), {
        response: z.object({ status: z.string(), path: z.string() }),
        detail: { summary: "Delete a file", description: "Files only; a folder is refused." },
      })
  );
};
