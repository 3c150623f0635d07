/** What can go wrong with a session, by name. Everything a caller can expect is one of these; anything else is a bug. */

export type SessionErrorKind =
  /** The request makes no sense to a session. */
  | "invalid_request"
  /** The CLI has no account, or its account was refused. */
  | "not_logged_in"
  | "not_permitted"
  | "model_not_found"
  /** There is no CLI at the configured path. */
  | "cli_not_found"
  | "spawn_failed"
  /** The process ended in mid-turn. */
  | "process_died"
  | "rate_limited"
  | "overloaded"
  /** The Messages API took too long. */
  | "api_timeout"
  /** More bytes than the Messages API takes in one request. */
  | "request_too_large"
  /** More tokens than the model's context holds. */
  | "prompt_too_long"
  /** The Messages API behind the CLI failed in another way. */
  | "api_error"
  /** The process said nothing for the watchdog's time. */
  | "watchdog"
  /** The turn took longer than its caller allowed. */
  | "turn_timeout"
  | "budget_exceeded"
  /** The model did not choose among the client's tools as it was told to. */
  | "tool_choice_unmet"
  /** The model did not give its answer in the shape that was asked for. */
  | "output_format_unmet"
  | "aborted"
  | "session_unknown"
  | "session_busy"
  /** The session cannot take a turn until a person has answered what its process asks. */
  | "session_waiting"
  | "prompt_unknown"
  /** The session's prompt holds words of a person that were not sent. */
  | "unsent_text"
  /** As many turns wait for a process as may. */
  | "queue_full"
  /** The server is shutting down. */
  | "draining"
  | "transcript_unreadable"
  /** There is no room on the disk for what the session must write down first. */
  | "disk_full";

export interface SessionErrorDetails {
  /** Seconds after which trying again makes sense. */
  retryAfter?: number | undefined;
  /** HTTP status that the Messages API gave to the CLI. */
  apiStatus?: number | undefined;
  /** The last lines that the process wrote to its standard error: for the log, not for clients. */
  stderr?: string | undefined;
  /** US dollars that the turn took, where the CLI said so. */
  costUsd?: number | undefined;
  cause?: unknown;
}

/** The message reads well to the person who sent the request and holds no secrets or paths. */
export class SessionError extends Error {
  override readonly name = "SessionError";

  constructor(
    readonly kind: SessionErrorKind,
    message: string,
    readonly details: SessionErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
  }
}
