/** What `/execute` takes, and a job as `/jobs` shows it. */
import { jobDefaults } from "@lodge/shared";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import type { JobSpec } from "../../jobs/spec.ts";
import type { ModelDescription } from "../../sessions/index.ts";
import type { Delivery } from "../../store/delivery-store.ts";
import { type JobFilter, jobStates, type JobRecord, type JobSummary } from "../../store/job-store.ts";
import { commonFields, commonSpec, requiredFields } from "./fields.ts";
import { eitherSpelling } from "./spelling.ts";

/** Characters of the metadata, as JSON. */
const maxMetadata = 16 * 1024;

export const executeRequest = eitherSpelling(requiredFields, {
  ...commonFields,
  // Goes onto a command line, where a dash would make an option of it.
  agent: z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .:/@-]{0,127}$/u, "must be an agent's name"),
  maxBudgetUsd: z.number().positive().max(10_000),
  timeoutSeconds: z
    .number()
    .positive()
    .max(7 * 24 * 3600),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(
      (value) => JSON.stringify(value).length <= maxMetadata,
      `must be at most ${maxMetadata} characters of JSON`,
    ),
  requeueOnRestart: z.boolean(),
});
export type ExecuteRequest = z.output<typeof executeRequest>;

export function jobSpec(body: ExecuteRequest, known: readonly ModelDescription[]): JobSpec {
  return {
    prompt: body.prompt,
    ...commonSpec(body, known),
    conversation: body.resume === undefined ? { type: "new" } : { type: "session", id: body.resume },
    agent: body.agent,
    maxBudgetUsd: body.maxBudgetUsd ?? jobDefaults.maxBudgetUsd,
    timeoutMs: (body.timeoutSeconds ?? jobDefaults.timeoutSeconds) * 1000,
    verbose: false,
  };
}

export const listQuery = z.object({
  /** One state, or several with commas between. */
  status: z.union([z.string().max(100), z.array(z.string().max(20)).max(20)]).optional(),
  workspace: z.string().max(4096).optional(),
  /** A date and time, or milliseconds since the epoch. */
  since: z.string().max(40).optional(),
  /** `job` unless said otherwise. */
  kind: z.enum(["job", "run", "all"]).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  /** `next_cursor` of the page before. */
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "is none that this server gave")
    .optional(),
});

const pageSize = 50;

export function listFilter(query: z.output<typeof listQuery>): JobFilter {
  const kind = query.kind ?? "job";
  return {
    kind: kind === "all" ? undefined : kind,
    states: query.status === undefined ? undefined : statesOf(query.status),
    workspace: query.workspace,
    since: query.since === undefined ? undefined : timeOf(query.since),
    before: query.cursor === undefined ? undefined : Number(query.cursor),
    limit: query.limit ?? pageSize,
  };
}

/** Elysia makes a list of what has commas in it. */
function statesOf(given: string | readonly string[]): JobRecord["state"][] {
  return [given].flat().map((word) => {
    const state = jobStates.find((known) => known === word.trim());
    if (state) return state;
    throw new ApiError("invalid_request", `status: it is one or more of ${jobStates.join(", ")}.`, { param: "status" });
  });
}

function timeOf(text: string): number {
  const time = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new ApiError("invalid_request", "since: it must be a date and time, or milliseconds since the epoch.", {
    param: "since",
  });
}

/** Null where there is none yet; times as ISO 8601. */
export function toJobSummary(job: JobSummary) {
  return {
    job_id: job.id,
    kind: job.kind,
    status: job.state,
    workspace: job.workspace,
    title: job.title,
    metadata: job.metadata === null ? null : (JSON.parse(job.metadata) as unknown),
    created_at: isoTime(job.createdAt),
    started_at: isoTime(job.startedAt),
    finished_at: isoTime(job.finishedAt),
    attempts: job.attempts,
    session_id: job.sessionId,
    exit_code: job.exitCode,
    cost_usd: job.costUsd,
    ...(job.error === null ? {} : { error: job.error }),
  };
}

export function toJob(job: JobRecord, delivery: Delivery | null) {
  const spec = JSON.parse(job.spec) as JobSpec;
  return {
    ...toJobSummary(job),
    prompt: spec.prompt,
    agent: spec.agent ?? null,
    model: spec.model ?? null,
    max_budget_usd: spec.maxBudgetUsd ?? null,
    timeout_seconds: spec.timeoutMs === undefined ? null : spec.timeoutMs / 1000,
    requeue_on_restart: job.requeue,
    output: job.output,
    stderr: job.stderr,
    ...(spec.jsonSchema === undefined ? {} : { structured_output: structuredOutput(job) }),
    ...(job.callbackUrl === null ? {} : { callback: callback(job, delivery) }),
  };
}

const structuredOutput = ({ result }: JobRecord): unknown =>
  result === null ? null : ((JSON.parse(result) as { structuredOutput?: unknown }).structuredOutput ?? null);

const callback = ({ callbackUrl }: JobRecord, delivery: Delivery | null) => ({
  url: callbackUrl,
  status: delivery?.state ?? "waiting",
  attempts: delivery?.attempts ?? 0,
  ...(delivery?.error ? { error: delivery.error } : {}),
});

const isoTime = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
