/** Runs and jobs as the dashboard sees them. */
import { z } from "zod";
import { limits } from "./limits.ts";

export const jobState = z.enum(["queued", "running", "completed", "failed", "timeout", "cancelled", "error"]);
export type JobState = z.infer<typeof jobState>;

/** `run`: somebody waited for it, at least at first. `job`: it was handed in. */
export const jobKind = z.enum(["run", "job"]);
export type JobKind = z.infer<typeof jobKind>;

export const jobSummary = z.object({
  id: z.string().max(limits.name),
  kind: jobKind,
  state: jobState,
  /** Path below the workspaces root; empty for the root itself. */
  workspace: z.string().max(limits.path),
  /** The beginning of the prompt. */
  title: z.string().max(limits.text),
  /** Milliseconds since the epoch, as every time here; null where it is not so far. */
  createdAt: z.number().int(),
  startedAt: z.number().int().nullable(),
  finishedAt: z.number().int().nullable(),
  /** Times that it was begun. */
  attempts: z.number().int().min(0),
  sessionId: z.string().nullable(),
  costUsd: z.number().min(0).nullable(),
  /** Why it did not complete, in words for a person. */
  error: z.string().nullable(),
});
export type JobSummary = z.infer<typeof jobSummary>;

export const jobPage = z.object({
  jobs: z.array(jobSummary),
  /** For the next page; null on the last. */
  next: z.number().int().nullable(),
});
export type JobPage = z.infer<typeof jobPage>;

/** What a job is allowed that says nothing of it; an earlier system allowed as much. */
export const jobDefaults = { maxBudgetUsd: 5, timeoutSeconds: 2700 };

/** Body of `POST /api/jobs`, and what a job was made of. */
export const jobForm = z.object({
  prompt: z.string().min(1).max(limits.prompt),
  workspace: z.string().max(limits.path),
  model: z.string().min(1).max(limits.name).optional(),
  agent: z.string().min(1).max(limits.name).optional(),
  /** US dollars. */
  maxBudgetUsd: z.number().positive().max(10_000).optional(),
  timeoutSeconds: z
    .number()
    .positive()
    .max(7 * 24 * 3600)
    .optional(),
});
export type JobForm = z.infer<typeof jobForm>;

export const jobDetails = jobSummary.extend({
  form: jobForm,
  /** All that was said, or the end of it. */
  output: z.string(),
  stderr: z.string(),
  exitCode: z.number().int().nullable(),
  /** Tokens that went in, from the cache too, and that came out; null where its result does not tell. */
  tokens: z.object({ input: z.number().int().min(0), output: z.number().int().min(0) }).nullable(),
  /** The caller's own, as JSON. */
  metadata: z.string().nullable(),
  callback: z
    .object({
      url: z.string(),
      state: z.enum(["waiting", "pending", "delivered", "failed"]),
      attempts: z.number().int(),
      error: z.string().nullable(),
    })
    .nullable(),
});
export type JobDetails = z.infer<typeof jobDetails>;

/** What `GET /api/jobs/:id/events` sends: the output of the job while it runs, then its end. */
export const jobEvent = z.object({ id: z.number().int(), type: z.string(), data: z.record(z.string(), z.unknown()) });
export type JobEvent = z.infer<typeof jobEvent>;
