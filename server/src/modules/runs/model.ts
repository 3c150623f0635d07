/** What `/run` takes and gives. */
import { z } from "zod";
import type { JobSpec } from "../../jobs/spec.ts";
import type { ModelDescription } from "../../sessions/index.ts";
import type { JobRecord } from "../../store/job-store.ts";
import { commonFields, commonSpec, requiredFields } from "../jobs/fields.ts";
import { eitherSpelling } from "../jobs/spelling.ts";

export const runRequest = eitherSpelling(requiredFields, {
  ...commonFields,
  outputFormat: z.enum(["json", "json-verbose"]),
  noContinue: z.boolean(),
  fireAndForget: z.boolean(),
  async: z.boolean(),
});
export type RunRequest = z.output<typeof runRequest>;

export function runSpec(body: RunRequest, known: readonly ModelDescription[]): JobSpec {
  return {
    prompt: body.prompt,
    ...commonSpec(body, known),
    conversation: conversationOf(body),
    verbose: body.outputFormat === "json-verbose",
  };
}

function conversationOf({ resume, noContinue }: RunRequest): JobSpec["conversation"] {
  if (resume !== undefined) return { type: "session", id: resume };
  return { type: noContinue ? "new" : "latest" };
}

/** Where a run is in its life, in the words of an earlier system. */
type RunStatus = "running" | "completed" | "failed" | "cancelled";

const statusOf: Record<JobRecord["state"], RunStatus> = {
  queued: "running",
  running: "running",
  completed: "completed",
  failed: "failed",
  timeout: "failed",
  error: "failed",
  cancelled: "cancelled",
};

export const runState = (record: JobRecord) => ({
  runId: record.id,
  workspace: record.workspace,
  status: statusOf[record.state],
});

/** The CLI's result and which run it is of. */
export const resultOf = (record: JobRecord) => ({
  ...(JSON.parse(record.result ?? "{}") as Record<string, unknown>),
  runId: record.id,
  workspace: record.workspace,
});
