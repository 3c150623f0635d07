/** How failures of a session look to a client of whichever family. */
import type { SessionError, SessionErrorKind } from "../sessions/index.ts";
import { ApiError, type ErrorKind } from "./errors.ts";

/** Seconds to wait before trying again where nobody knows better. */
const defaultRetryAfter: Partial<Record<ErrorKind, number>> = { rate_limit: 30, unavailable: 5, overloaded: 5 };

const kinds: Record<SessionErrorKind, ErrorKind> = {
  invalid_request: "invalid_request",
  not_logged_in: "authentication",
  not_permitted: "permission",
  model_not_found: "not_found",
  cli_not_found: "upstream",
  spawn_failed: "upstream",
  process_died: "upstream",
  rate_limited: "rate_limit",
  overloaded: "overloaded",
  prompt_too_long: "invalid_request",
  api_error: "internal",
  watchdog: "timeout",
  turn_timeout: "timeout",
  budget_exceeded: "invalid_request",
  tool_choice_unmet: "upstream",
  aborted: "timeout",
  session_unknown: "not_found",
  session_busy: "conflict",
  session_waiting: "unavailable",
  prompt_unknown: "not_found",
  queue_full: "unavailable",
  draining: "unavailable",
  transcript_unreadable: "internal",
};

export function fromSessionError(error: SessionError): ApiError {
  const kind = kinds[error.kind];
  return new ApiError(kind, error.message, {
    code: error.kind === "prompt_too_long" ? "context_length_exceeded" : error.kind,
    retryAfter: error.details.retryAfter ?? defaultRetryAfter[kind],
    // The account behind the CLI is the operator's to mend; another try of the client's cannot.
    ...(error.kind === "not_logged_in" || error.kind === "budget_exceeded" ? { shouldRetry: false } : {}),
    cause: error,
  });
}
