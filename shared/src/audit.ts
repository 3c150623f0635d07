/** Who did what: `GET /api/audit`. */
import { z } from "zod";
import { limits } from "./limits.ts";

export const auditAction = z.enum([
  "attached",
  "left",
  "took_control",
  "gave_up_control",
  "typed",
  "answered",
  "logged_in",
  "login_failed",
  "logged_out",
  "key_created",
  "key_changed",
  "key_revoked",
  "session_opened",
  "session_interrupted",
  "session_ended",
  "session_restarted",
  "session_deleted",
  "recording_deleted",
  "file_deleted",
  "response_deleted",
  "workspace_made",
  "workspace_renamed",
  "workspace_changed",
  "workspace_deleted",
  "workspace_restored",
  "session_changed",
  "session_forked",
  "job_cancelled",
]);
export type AuditAction = z.infer<typeof auditAction>;

/** Actions of one kind, as a person looks for them. */
export const auditKind = z.enum(["terminals", "sessions", "workspaces", "jobs", "logins", "keys", "deletions"]);
export type AuditKind = z.infer<typeof auditKind>;

export const actionsOf: Record<AuditKind, readonly AuditAction[]> = {
  terminals: ["attached", "left", "took_control", "gave_up_control", "typed", "answered", "session_opened"],
  sessions: [
    "answered",
    "session_opened",
    "session_interrupted",
    "session_ended",
    "session_restarted",
    "session_deleted",
    "session_changed",
    "session_forked",
  ],
  workspaces: ["workspace_made", "workspace_renamed", "workspace_changed", "workspace_deleted", "workspace_restored"],
  jobs: ["job_cancelled"],
  logins: ["logged_in", "login_failed", "logged_out"],
  keys: ["key_created", "key_changed", "key_revoked"],
  deletions: [
    "workspace_deleted",
    "session_deleted",
    "recording_deleted",
    "file_deleted",
    "response_deleted",
    "key_revoked",
  ],
};

export const auditEntry = z.object({
  /** Entries are numbered as they come. */
  id: z.number().int(),
  /** Milliseconds since the epoch. */
  at: z.number().int(),
  /** The name of a key, a viewer's own name, or an address; null where it is not known. */
  who: z.string().nullable(),
  action: auditAction,
  /** Null where it was done to none. */
  sessionId: z.string().nullable(),
  /** What it was done to, or what was chosen. */
  detail: z.string().nullable(),
  /** Bytes that were typed; null for other actions. */
  bytes: z.number().int().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditQuery = z.object({
  /** A part of the name or address. */
  who: z.string().max(limits.name).optional(),
  kind: auditKind.optional(),
  /** Id of a session. */
  session: z.string().max(limits.name).optional(),
  /** `next` of the page before. */
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditPage = z.object({
  entries: z.array(auditEntry),
  /** For the next page; null on the last. */
  next: z.number().int().nullable(),
});
export type AuditPage = z.infer<typeof auditPage>;
