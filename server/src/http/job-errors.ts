/** How failures of runs and jobs look to a client. */
import type { JobError, JobErrorKind } from "../jobs/errors.ts";
import { ApiError, type ErrorKind } from "./errors.ts";

const kinds: Record<JobErrorKind, ErrorKind> = {
  workspace_busy: "conflict",
  agent_busy: "conflict",
  queue_full: "unavailable",
  unknown: "not_found",
  over: "conflict",
  cancelled: "conflict",
  client_gone: "timeout",
  key_reused: "conflict",
  callback_refused: "invalid_request",
  schema_invalid: "invalid_request",
  no_structured_output: "upstream",
  git_failed: "upstream",
  not_allowed: "permission",
  restarted: "unavailable",
  unexpected: "internal",
};

/** Seconds after which trying again makes sense. */
const retryAfter: Partial<Record<JobErrorKind, number>> = { workspace_busy: 5, agent_busy: 5, queue_full: 30 };

export const fromJobError = (error: JobError): ApiError =>
  new ApiError(kinds[error.kind], error.message, {
    code: error.kind,
    retryAfter: retryAfter[error.kind],
    // Under this key the answer stays the same.
    ...(error.kind === "key_reused" || error.kind === "over" ? { shouldRetry: false } : {}),
    cause: error,
  });
