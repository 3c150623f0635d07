/** What became of a run or a job, and which failure makes it end in which state. */
import { SessionError, type SessionErrorKind } from "../sessions/index.ts";
import type { JobEnd } from "../store/job-store.ts";
import { WorkspaceError, type WorkspaceErrorKind } from "../workspaces/errors.ts";
import { JobError, type JobErrorKind } from "./errors.ts";

export interface Success {
  sessionId: string;
  /** How the session was come by. */
  source: string;
  /** The reply of `/run`. */
  result: Record<string, unknown>;
  output: string;
  costUsd: number;
}

export type Failure = {
  thrown: unknown;
  /** What was said until then. */
  output?: string;
} & (
  | { type: "failed"; state: "failed" | "timeout" | "cancelled" | "error" }
  /** The server stops; it is not the job's fault. */
  | { type: "interrupted" }
);

export type Outcome = { type: "completed"; success: Success } | Failure;

/** Failures of the machine rather than of what was asked for. */
const errors = new Set<SessionErrorKind>(["cli_not_found", "spawn_failed"]);

/** @param signal the job's own; what it was aborted with is the reason, whatever was thrown for it */
export function outcomeOf(error: unknown, signal: AbortSignal): Failure {
  const thrown: unknown = signal.aborted ? signal.reason : error;
  if (thrown instanceof JobError) {
    const cancelled = thrown.kind === "cancelled" || thrown.kind === "client_gone";
    return { type: "failed", state: cancelled ? "cancelled" : "failed", thrown };
  }
  if (thrown instanceof SessionError) {
    if (thrown.kind === "draining") return { type: "interrupted", thrown };
    const state = thrown.kind === "turn_timeout" ? "timeout" : errors.has(thrown.kind) ? "error" : "failed";
    return { type: "failed", state, thrown };
  }
  return { type: "failed", state: thrown instanceof WorkspaceError ? "failed" : "error", thrown };
}

/** Whether nobody expected it, so that somebody should look. */
export const isUnexpected = (thrown: unknown): boolean =>
  !(thrown instanceof JobError || thrown instanceof SessionError || thrown instanceof WorkspaceError);

/** A failure as it is kept, fit for whoever asked for the job. Its kind is enough to make the same error of it again. */
export function failureOf(thrown: unknown): Pick<JobEnd, "error" | "errorKind" | "stderr"> {
  if (thrown instanceof SessionError) return kept("session", thrown, thrown.details.stderr);
  if (thrown instanceof WorkspaceError) return kept("workspace", thrown);
  return kept("job", thrown instanceof JobError ? thrown : unexpected());
}

const kept = (family: string, { kind, message }: { kind: string; message: string }, stderr = "") => ({
  error: message,
  errorKind: `${family}:${kind}`,
  stderr,
});

/** US dollars that a failure took, where the CLI said so. */
export const costOf = (thrown: unknown): number | null =>
  thrown instanceof SessionError || thrown instanceof JobError ? (thrown.details.costUsd ?? null) : null;

/** What one that failed was ended by, made again from what was kept of it. */
export function thrownOf({ error, errorKind }: Pick<JobEnd, "error" | "errorKind">): Error {
  const [family, kind] = (errorKind ?? "").split(":");
  const message = error ?? unexpected().message;
  switch (family) {
    case "session":
      return new SessionError(kind as SessionErrorKind, message);
    case "workspace":
      return new WorkspaceError(kind as WorkspaceErrorKind, message);
    case "job":
      return new JobError(kind as JobErrorKind, message);
    default:
      return unexpected();
  }
}

const unexpected = () => new JobError("unexpected", "Something went wrong in the server.");

/** As a program's would be; one that was ended from outside has none. */
export const exitCodes: Record<JobEnd["state"], number | null> = {
  completed: 0,
  failed: 1,
  error: 1,
  timeout: null,
  cancelled: null,
};

export const restarted = (): JobError => new JobError("restarted", "the server was restarted");
