/** Jobs: prompts that are worked off whether or not anybody waits, and what became of them. */
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../http/errors.ts";
import { eventStream } from "../../http/event-stream.ts";
import { callerOf } from "../../http/request-context.ts";
import { type Jobs, unknown } from "../../jobs/jobs.ts";
import type { SessionManager } from "../../sessions/index.ts";
import type { DeliveryStore } from "../../store/delivery-store.ts";
import type { JobEventStore } from "../../store/job-event-store.ts";
import type { JobRecord } from "../../store/job-store.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";
import { json } from "../docs/replies.ts";
import { admitted, ownJobs, requireOwnJob } from "./access.ts";
import { idempotencyKey } from "./fields.ts";
import { liveFrames } from "./live.ts";
import { type ExecuteRequest, executeRequest, jobSpec, listFilter, listQuery, toJob, toJobSummary } from "./model.ts";

export interface JobServices {
  jobs: Jobs;
  events: JobEventStore;
  deliveries: DeliveryStore;
  sessions: SessionManager;
  workspaces: Workspaces;
  /** Told who has cancelled one. */
  cancelled: (id: string, caller: Caller) => void;
}

const params = z.object({ id: z.string().min(1).max(100) });

export const jobs = (services: JobServices) => {
  const { jobs: all, events, deliveries, sessions } = services;
  const find = (id: string, request: Request): JobRecord => {
    const record = all.get(id);
    if (!record) throw unknown(id);
    return requireOwnJob(callerOf(request), record);
  };
  const wire = (record: JobRecord) => toJob(record, deliveries.ofJob(record.seq));
  const cancel = async (id: string, caller: Caller) => {
    const record = await all.cancel(id);
    services.cancelled(id, caller);
    return wire(record);
  };

  const execute = async ({ body, request }: { body: ExecuteRequest; request: Request }) => {
    const caller = callerOf(request);
    const record = await all.submit({
      spec: await admitted(caller, services, jobSpec(body, sessions.processInfo?.models ?? [])),
      owner: caller.owner,
      metadata: body.metadata,
      callbackUrl: body.callbackUrl,
      requeue: body.requeueOnRestart,
      idempotencyKey: idempotencyKey(request.headers),
    });
    return Response.json({ job_id: record.id, status: record.state }, { status: 202 });
  };

  return new Elysia({ name: "jobs", detail: { tags: ["Jobs"] } })
    .post("/execute", execute, {
      body: executeRequest,
      detail: {
        responses: { 202: json("Taken: `job_id`, and `status`, which is `running` or `queued`.") },
        summary: "Take a job",
        description:
          "Answers at once with 202; the job begins when there is room. Budget, time limit and agent are the CLI's own. With an `idempotency-key` header a repeated request is the same job. When it is over, `callback_url` gets a signed webhook. With `requeue_on_restart` it begins again when the server dies under it; otherwise it is failed then.",
      },
    })
    .get(
      "/jobs",
      ({ query, request }) => {
        const caller = callerOf(request);
        const filter = listFilter(query);
        if (filter.workspace !== undefined) caller.reach.require(filter.workspace);
        // One more than asked for tells whether there is a next page.
        const found = all.list({ ...filter, owner: caller.owner ?? undefined, limit: filter.limit + 1 });
        const page = found.slice(0, filter.limit);
        const last = found.length > page.length ? page.at(-1) : undefined;
        return {
          jobs: ownJobs(caller, page).map(toJobSummary),
          next_cursor: last === undefined ? null : String(last.seq),
        };
      },
      {
        query: listQuery,
        detail: {
          responses: { 200: json("`jobs`, and `next_cursor` for the next page; null when there is none.") },
          summary: "List jobs, the newest first",
          description: "Runs too, with `kind=run` or `kind=all`.",
        },
      },
    )
    .get("/jobs/:id", ({ params: { id }, request }) => wire(find(id, request)), {
      params,
      detail: {
        responses: { 200: json("The job: what was asked for, its `status`, and what came of it.") },
        summary: "A job",
        description:
          "`status` is one of `queued`, `running`, `completed`, `failed`, `timeout`, `cancelled` and `error`.",
      },
    })
    .delete("/jobs/:id", async ({ params: { id }, request }) => cancel(find(id, request).id, callerOf(request)), {
      params,
      detail: {
        responses: { 200: json("The job, cancelled.") },
        summary: "Cancel a job",
        description: "Ends the process and all that it started. One that is over stays as it is and gives 409.",
      },
    })
    .get(
      "/jobs/:id/events",
      ({ params: { id }, request, query }) => {
        const record = find(id, request);
        const after = lastEventId(request.headers.get("last-event-id") ?? query.after);
        // Tells a browser that comes back after the end not to come again.
        if (record.finishedAt !== null && events.after(record.seq, after, 1).length === 0) {
          return new Response(null, { status: 204 });
        }
        return eventStream(request, liveFrames({ jobs: all, events }, record, after, request.signal));
      },
      {
        params,
        query: z.object({ after: z.string().max(20).optional() }),
        detail: {
          responses: {
            200: { description: "The events.", content: { "text/event-stream": { schema: { type: "string" } } } },
            204: { description: "It is over, and nothing came after the event that was named." },
          },
          summary: "A job's live output",
          description:
            "Server-sent events: `status`, `started`, `output` with a piece of text, `tool_use`, `tool_result`, `retry`, and `gap` where the oldest of a long output are gone. The last is the `status` that it ended with. `Last-Event-ID`, or `after`, goes on behind an event.",
        },
      },
    );
};

function lastEventId(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ApiError("invalid_request", "Header last-event-id: it must be the id of an event.", {
    param: "last-event-id",
  });
}
