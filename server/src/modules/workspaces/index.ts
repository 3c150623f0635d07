/** Whole workspaces for the dashboard: made, cloned, imported, renamed, deleted and brought back. */
import {
  type CloneEvent,
  cloneWorkspaceRequest,
  deleteWorkspaceRequest,
  limits,
  nameWorkspaceRequest,
  workspaceDetails,
  workspaceName,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { eventStream } from "../../http/event-stream.ts";
import { plainQuery } from "../../http/plain-query.ts";
import { callerOf } from "../../http/request-context.ts";
import { Channel } from "../../sessions/index.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import type { NoteAudit } from "../terminals/audit.ts";
import type { WorkspaceDesk } from "./desk.ts";

const params = z.object({ name: z.string().min(1).max(limits.path) });
const named = z.object({ name: z.string() });
const binary = { type: "string", contentMediaType: "application/octet-stream" } as const;

/** Steps of a clone that are told of: git has a handful of things to do, each in a hundred steps at most. */
const maxSteps = 2000;

/** @param audit told who did what */
export const workspaceRoutes = (desk: WorkspaceDesk, audit: NoteAudit) => {
  const note = (request: Request, action: Parameters<NoteAudit>[0]["action"], detail: string) =>
    audit({ who: callerOf(request).name, action, detail });
  return new Elysia({ name: "workspaces", detail: { tags: ["Dashboard"] } })
    .onTransform(plainQuery)
    .post(
      "/api/workspaces",
      async ({ body: { name }, request }) => {
        await desk.create(name);
        note(request, "workspace_made", name);
        return { name };
      },
      { body: nameWorkspaceRequest, response: named, detail: { summary: "Make an empty workspace" } },
    )
    .get("/api/workspaces/:name", ({ params: { name }, request }) => desk.details(name, request.signal), {
      params,
      response: workspaceDetails,
      detail: { summary: "How large a workspace is, and what git says of it" },
    })
    .patch(
      "/api/workspaces/:name",
      async ({ params: { name }, body, request }) => {
        if (body.name === name) return { name };
        await desk.rename(name, body.name);
        note(request, "workspace_renamed", `${name} to ${body.name}`);
        return { name: body.name };
      },
      {
        params,
        body: nameWorkspaceRequest,
        response: named,
        detail: {
          summary: "Rename a workspace",
          description: "With its settings and its past sessions. 409 while somebody works in it.",
        },
      },
    )
    .delete(
      "/api/workspaces/:name",
      async ({ params: { name }, body, request }) => {
        if (body.confirm !== name) {
          throw new ApiError("invalid_request", "confirm: type the workspace's name just as it is.", {
            param: "confirm",
          });
        }
        const id = await desk.delete(name);
        note(request, "workspace_deleted", name);
        return { id };
      },
      {
        params,
        body: deleteWorkspaceRequest,
        response: z.object({ id: z.uuid() }),
        detail: {
          summary: "Delete a workspace",
          description: "It can be brought back for seven days. 409 while somebody works in it.",
        },
      },
    )
    .post(
      "/api/workspace-restores",
      async ({ body: { id }, request }) => {
        const name = await desk.restore(id);
        note(request, "workspace_restored", name);
        return { name };
      },
      {
        body: z.object({ id: z.uuid() }).strict(),
        response: named,
        detail: { summary: "Bring back a deleted workspace" },
      },
    )
    .post(
      "/api/workspace-clones",
      ({ body: { name, url }, request }) => {
        const onDone = () => note(request, "workspace_made", `${name}, cloned`);
        return eventStream(request, frames(cloning(desk, name, url, request.signal, onDone)));
      },
      {
        body: cloneWorkspaceRequest,
        detail: {
          summary: "Clone a git repository as a new workspace",
          description:
            "Server-sent events: how far git is, then `done` or `failed`. Going away ends it without a trace.",
        },
      },
    )
    .post(
      "/api/workspace-imports",
      async ({ query: { name }, request }) => {
        if (request.body === null)
          throw new ApiError("invalid_request", "body: send the archive as it is.", { param: "body" });
        await desk.import(name, request.body, request.signal);
        note(request, "workspace_made", `${name}, of an archive`);
        return { name };
      },
      {
        parse: "none",
        query: z.object({ name: workspaceName }),
        response: named,
        detail: {
          summary: "Make a workspace of an archive",
          description: "The body is a .zip, .tar or .tar.gz file. Links in it are left out.",
          requestBody: { required: true, content: { "application/octet-stream": { schema: binary } } },
        },
      },
    );
};

async function* cloning(
  desk: WorkspaceDesk,
  name: string,
  url: string,
  signal: AbortSignal,
  onDone: () => void,
): AsyncGenerator<CloneEvent> {
  const events = new Channel<CloneEvent>(maxSteps);
  const leaving = new AbortController();
  let steps = 0;
  const work = desk
    .clone(name, url, AbortSignal.any([signal, leaving.signal]), (progress) => {
      if (steps++ < maxSteps) void events.push({ type: "progress", ...progress });
    })
    .then(
      (): CloneEvent => {
        onDone();
        return { type: "done", name };
      },
      (error: unknown): CloneEvent => {
        if (!(error instanceof ApiError || error instanceof WorkspaceError)) throw error;
        return { type: "failed", message: error.message };
      },
    )
    .finally(() => events.close());
  try {
    yield* events;
    yield await work;
  } finally {
    leaving.abort();
    await work.catch(() => {});
  }
}

async function* frames(events: AsyncIterable<CloneEvent>): AsyncGenerator<string> {
  for await (const event of events) yield `data: ${JSON.stringify(event)}\n\n`;
}
