/** What can be wrong with a run or a job beside its session, by name. How it looks over HTTP: http/job-errors.ts. */

export type JobErrorKind =
  /** Somebody else runs in the workspace. */
  | "workspace_busy"
  /** There is no room to begin, and none to wait. */
  | "agent_busy"
  /** As many wait as may. */
  | "queue_full"
  | "unknown"
  /** It has come to its end already. */
  | "over"
  | "cancelled"
  /** The client of a run that was not to go on without it. */
  | "client_gone"
  /** The key was used for something else. */
  | "key_reused"
  | "callback_refused"
  /** A schema that is none. */
  | "schema_invalid"
  /** The CLI gave no answer in the shape that was asked for. */
  | "no_structured_output"
  /** git failed before the run. */
  | "git_failed"
  /** The API key that it was made with may not, or not any more. */
  | "not_allowed"
  | "restarted"
  /** A bug, or this machine. */
  | "unexpected";

/** The message reads well to whoever sent the request and holds no secrets. */
export class JobError extends Error {
  override readonly name = "JobError";

  constructor(
    readonly kind: JobErrorKind,
    message: string,
    /** US dollars that the turn took, where the CLI said so. */
    readonly details: { costUsd?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
  }
}
