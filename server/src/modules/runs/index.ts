/** Runs: one prompt in a workspace, answered with the CLI's own result, at once or later. */
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { workspaceFor } from "../../auth/guard.ts";
import { ApiError } from "../../http/errors.ts";
import { callerOf, contextOf } from "../../http/request-context.ts";
import { JobError } from "../../jobs/errors.ts";
import { type Jobs, unknown } from "../../jobs/jobs.ts";
import { thrownOf } from "../../jobs/outcome.ts";
import type { SessionManager } from "../../sessions/index.ts";
import type { JobRecord } from "../../store/job-store.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";
import { json } from "../docs/replies.ts";
import { admitted, ownJobs, requireOwnJob } from "../jobs/access.ts";
import { idempotencyKey } from "../jobs/fields.ts";
import { resultOf, type RunRequest, runRequest, runSpec, runState } from "./model.ts";

export interface RunServices {
  jobs: Jobs;
  sessions: SessionManager;
  workspaces: Workspaces;
  /** Told who has cancelled one. */
  cancelled: (id: string, caller: Caller) => void;
}

const id = z.string().min(1).max(100);

export const runs = (services: RunServices) => {
  const { jobs, sessions, workspaces } = services;
  const run = async ({ body, request }: { body: RunRequest; request: Request }): Promise<Response> => {
    const caller = callerOf(request);
    const running = await jobs.run({
      spec: await admitted(caller, services, runSpec(body, sessions.processInfo?.models ?? [])),
      owner: caller.owner,
      callbackUrl: body.callbackUrl,
      idempotencyKey: idempotencyKey(request.headers),
    });
    const { record, finished } = running;
    if (body.async) return Response.json(runState(record), { status: 202 });
    if (finished) {
      using _watch = body.fireAndForget ? nothing : endWithClient(request.signal, record.id);
      const outcome = await finished;
      if (outcome.type === "completed") {
        const context = contextOf(request);
        context.sessionId = outcome.success.sessionId;
        context.source = outcome.success.source;
      } else throw outcome.thrown;
    }
    return reply(jobs.get(record.id) ?? record);
  };

  /** A client that goes away takes its run with it. */
  const endWithClient = (signal: AbortSignal, runId: string): Disposable => {
    const end = () => void jobs.cancel(runId, new JobError("client_gone", "the client went away")).catch(() => {});
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    return { [Symbol.dispose]: () => signal.removeEventListener("abort", end) };
  };

  const find = (runId: string, request: Request): JobRecord => {
    const record = jobs.get(runId);
    if (record?.kind !== "run") throw unknown(runId, "run");
    return requireOwnJob(callerOf(request), record);
  };

  /** What the caller has under way in a workspace. */
  const underWay = async (workspace: string, request: Request): Promise<JobRecord | undefined> => {
    const caller = callerOf(request);
    const found = await jobs.inWorkspace(await workspaceFor(caller, workspaces, workspace));
    return ownJobs(caller, found)[0];
  };

  return new Elysia({ name: "runs", detail: { tags: ["Runs"] } })
    .post("/run", run, {
      body: runRequest,
      detail: {
        responses: {
          200: json("The CLI's result object, its keys in camelCase, and `runId` and `workspace`."),
          202: json("With `async`: `runId`, `workspace`, and `status`, which is `running`."),
        },
        summary: "Run a prompt in a workspace",
        description:
          "Goes on with the workspace's latest conversation unless told otherwise. Every field may be written in camelCase or snake_case. The reply is the CLI's result with its keys in camelCase. A client that goes away ends its run; with `fireAndForget` the run goes on, and `GET /run/result` has its result. `async` answers at once with the run's id. An `idempotency-key` header makes a repeated request the same run.",
      },
    })
    .get(
      "/run/result",
      ({ query: { runId }, request }) => {
        const record = find(runId, request);
        const state = runState(record);
        if (state.status === "completed") return Response.json({ ...resultOf(record), ...state });
        return Response.json({ ...state, ...(record.error === null ? {} : { error: record.error }) });
      },
      {
        query: z.object({ runId: id }),
        detail: {
          responses: {
            200: json(
              "`status` is `running`, `completed` with the whole result, `failed` with `error`, or `cancelled`.",
            ),
          },
          summary: "What became of a run",
        },
      },
    )
    .post(
      "/run/cancel",
      async ({ query: { runId, workspace }, request }) => {
        if (runId === undefined && workspace === undefined) {
          throw new ApiError("invalid_request", "runId: one of runId and workspace is needed.", { param: "runId" });
        }
        const record = runId === undefined ? await underWay(workspace ?? "", request) : find(runId, request);
        if (!record || record.finishedAt !== null) throw new ApiError("not_found", "Nothing is running there.");
        await jobs.cancel(record.id).catch(ignoreOver);
        services.cancelled(record.id, callerOf(request));
        return { status: "ok", runId: record.id, workspace: record.workspace };
      },
      {
        query: z.object({ runId: id.optional(), workspace: z.string().max(4096).optional() }),
        response: z.object({ status: z.string(), runId: z.string(), workspace: z.string() }),
        detail: { summary: "End a run, by its id or by its workspace" },
      },
    );
};

/** The whole result of one that is over; for one that was asked for again, as it was the first time. */
function reply(record: JobRecord): Response {
  if (record.state === "completed") return Response.json(resultOf(record));
  if (record.finishedAt === null) return Response.json(runState(record), { status: 202 });
  throw thrownOf(record);
}

/** It ended by itself just before. */
function ignoreOver(error: unknown): void {
  if (!(error instanceof JobError) || error.kind !== "over") throw error;
}

const nothing: Disposable = { [Symbol.dispose]: () => {} };
