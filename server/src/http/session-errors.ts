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
  api_timeout: "timeout",
  request_too_large: "too_large",
  prompt_too_long: "invalid_request",
  api_error: "internal",
  watchdog: "timeout",
  turn_timeout: "timeout",
  budget_exceeded: "invalid_request",
  tool_choice_unmet: "upstream",
  output_format_unmet: "upstream",
  aborted: "timeout",
  session_unknown: "not_found",
  session_busy: "conflict",
  session_waiting: "unavailable",
  prompt_unknown: "not_found",
  unsent_text: "conflict",
  queue_full: "unavailable",
  draining: "unavailable",
  transcript_unreadable: "internal",
  disk_full: "unavailable",
};

/** Words that OpenAI's clients know; for all else the session's own. */
const codeOf: Partial<Record<SessionErrorKind, string>> = {
  prompt_too_long: "context_length_exceeded",
  rate_limited: "rate_limit_exceeded",
};

/** What another try cannot mend: the account and the CLI are the operator's, a limit that the client set its own. */
const hopeless: ReadonlySet<SessionErrorKind> = new Set([
  "not_logged_in",
  "not_permitted",
  "cli_not_found",
  "budget_exceeded",
  "turn_timeout",
]);

export function fromSessionError(error: SessionError): ApiError {
  const kind = kinds[error.kind];
  return new ApiError(kind, error.message, {
    code: codeOf[error.kind] ?? error.kind,
    retryAfter: error.details.retryAfter ?? defaultRetryAfter[kind],
    ...(hopeless.has(error.kind) ? { shouldRetry: false } : {}),
    cause: error,
  });
}
