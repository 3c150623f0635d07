/** Runs and jobs for the dashboard, under `/api/jobs`: what waits, what runs and what became of it, and what can be done. */
import {
  jobDetails,
  type JobDetails,
  jobForm,
  type JobForm,
  jobKind,
  jobPage,
  type JobPage,
  jobState,
  jobSummary,
  type JobSummary,
  limits,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { normalPath } from "../../auth/reach.ts";
import { eventStream } from "../../http/event-stream.ts";
import { callerOf } from "../../http/request-context.ts";
import { follow } from "../../jobs/follow.ts";
import { unknown } from "../../jobs/jobs.ts";
import type { JobSpec } from "../../jobs/spec.ts";
import type { Delivery } from "../../store/delivery-store.ts";
import type { JobRecord, JobSummary as StoredSummary } from "../../store/job-store.ts";
import type { JobServices } from "../jobs/index.ts";
import { jobSpec } from "../jobs/model.ts";

const params = z.object({ id: z.string().min(1).max(100) });
const query = z.object({
  state: jobState.optional(),
  kind: jobKind.optional(),
  /** In any spelling; `.` for the root itself. */
  workspace: z.string().max(4096).optional(),
  /** `next` of the page before. */
  before: z.coerce.number().int().min(1).optional(),
});
const created = z.object({ job: jobSummary });

const pageSize = 100;

export const jobRoutes = ({ jobs, events, deliveries, sessions, cancelled }: JobServices) => {
  const find = (id: string): JobRecord => {
    const record = jobs.get(id);
    if (!record) throw unknown(id);
    return record;
  };
  const details = (record: JobRecord) => toDetails(record, deliveries.ofJob(record.seq));

  return new Elysia({ name: "job-routes", prefix: "/api/jobs", detail: { tags: ["Dashboard"] } })
    .get(
      "/",
      ({ query: { state, kind, workspace, before } }): JobPage => {
        const states = state === undefined ? undefined : [state];
        // One more than shown tells whether there is a next page.
        const found = jobs.list({
          states,
          kind,
          workspace: workspace === undefined ? undefined : normalPath(workspace),
          before,
          limit: pageSize + 1,
        });
        const page = found.slice(0, pageSize);
        return { jobs: page.map(toSummary), next: found.length > page.length ? (page.at(-1)?.seq ?? null) : null };
      },
      { query, response: jobPage, detail: { summary: "Runs and jobs, the newest first" } },
    )
    .post(
      "/",
      async ({ body, request }) => {
        const caller = callerOf(request);
        caller.requireFunds();
        const spec = jobSpec(body, sessions.processInfo?.models ?? []);
        return { job: toSummary(await jobs.submit({ spec, owner: caller.owner })) };
      },
      { body: jobForm, response: created, detail: { summary: "Hand in a job" } },
    )
    .get("/:id", ({ params: { id } }) => details(find(id)), {
      params,
      response: jobDetails,
      detail: { summary: "A run or a job" },
    })
    .post(
      "/:id/cancel",
      async ({ params: { id }, request }) => {
        const record = await jobs.cancel(id);
        cancelled(id, callerOf(request));
        return details(record);
      },
      {
        params,
        response: jobDetails,
        detail: { summary: "Cancel it: its process and all that it started are ended" },
      },
    )
    .post(
      "/:id/retry",
      async ({ params: { id }, request }) => {
        const { spec, callbackUrl, requeue } = find(id);
        const caller = callerOf(request);
        caller.requireFunds();
        const { owner } = caller;
        const submission = { spec: JSON.parse(spec) as JobSpec, requeue, owner, metadata: { retryOf: id } };
        const again = await jobs.submit(callbackUrl === null ? submission : { ...submission, callbackUrl });
        return { job: toSummary(again) };
      },
      { params, response: created, detail: { summary: "Hand in the same once more" } },
    )
    .get(
      "/:id/events",
      ({ params: { id }, request }) => {
        const { seq } = find(id);
        const log = {
          change: () => jobs.change(id, request.signal),
          isOver: () => jobs.isOver(id),
          after: (last: number, limit: number) => events.after(seq, last, limit),
        };
        return eventStream(request, frames(follow(log, 0)));
      },
      { params, detail: { summary: "Its output while it runs, from the first that is kept to its end, server-sent" } },
    );
};

/** Those under way, as far as an overview has room for them. */
export function activeJobs(jobs: Pick<JobServices["jobs"], "list">): JobSummary[] {
  const running = jobs.list({ states: ["running"], limit: limits.activeJobs });
  const queued = jobs.list({ states: ["queued"], limit: limits.activeJobs - running.length });
  return [...running, ...queued].map(toSummary);
}

async function* frames(kept: AsyncIterable<{ id: number; type: string; data: string }>): AsyncGenerator<string> {
  for await (const { id, type, data } of kept) {
    yield `id: ${id}\ndata: {"id":${id},"type":${JSON.stringify(type)},"data":${data}}\n\n`;
  }
}

const toSummary = (job: StoredSummary): JobSummary => ({
  id: job.id,
  kind: job.kind,
  state: job.state,
  workspace: job.workspace,
  title: job.title,
  createdAt: job.createdAt,
  startedAt: job.startedAt,
  finishedAt: job.finishedAt,
  attempts: job.attempts,
  sessionId: job.sessionId,
  costUsd: job.costUsd,
  error: job.error,
});

function toDetails(job: JobRecord, delivery: Delivery | null): JobDetails {
  return {
    ...toSummary(job),
    form: toForm(JSON.parse(job.spec) as JobSpec),
    output: job.output,
    stderr: job.stderr,
    exitCode: job.exitCode,
    tokens: job.result === null ? null : tokensOf(JSON.parse(job.result)),
    metadata: job.metadata,
    callback:
      job.callbackUrl === null
        ? null
        : {
            url: job.callbackUrl,
            state: delivery?.state ?? "waiting",
            attempts: delivery?.attempts ?? 0,
            error: delivery?.error ?? null,
          },
  };
}

/** In the CLI's own result, as a run's reply has it. */
const resultUsage = z.object({
  usage: z.object({
    inputTokens: z.number().int(),
    cacheReadInputTokens: z.number().int().nullish(),
    cacheCreationInputTokens: z.number().int().nullish(),
    outputTokens: z.number().int(),
  }),
});

function tokensOf(result: unknown): JobDetails["tokens"] {
  const { data } = resultUsage.safeParse(result);
  if (!data) return null;
  const { inputTokens, cacheReadInputTokens, cacheCreationInputTokens, outputTokens } = data.usage;
  return { input: inputTokens + (cacheReadInputTokens ?? 0) + (cacheCreationInputTokens ?? 0), output: outputTokens };
}

/** Only what was asked for: what is absent is left to the server again. */
function toForm({ prompt, workspace, model, agent, maxBudgetUsd, timeoutMs }: JobSpec): JobForm {
  return {
    prompt,
    workspace,
    ...(model === undefined ? {} : { model }),
    ...(agent === undefined ? {} : { agent }),
    ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }),
    ...(timeoutMs === undefined ? {} : { timeoutSeconds: timeoutMs / 1000 }),
  };
}
