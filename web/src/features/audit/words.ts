/** What was done, in words. */
import type { AuditAction, AuditEntry, AuditKind } from "@lodge/shared";
import { bytes } from "../../lib/format.ts";

export const kindWords: Record<AuditKind, string> = {
  terminals: "Terminals",
  sessions: "Sessions",
  workspaces: "Workspaces",
  jobs: "Jobs",
  logins: "Logins",
  keys: "API keys",
  deletions: "Deletions",
};

const words: Record<AuditAction, string> = {
  attached: "opened the terminal",
  left: "left the terminal",
  took_control: "took the keyboard",
  gave_up_control: "gave up the keyboard",
  typed: "typed",
  answered: "answered a prompt",
  logged_in: "logged in",
  login_failed: "failed to log in",
  logged_out: "logged out",
  key_created: "made an API key",
  key_changed: "changed an API key",
  key_revoked: "revoked an API key",
  session_opened: "opened the interactive CLI",
  session_interrupted: "interrupted the session",
  session_ended: "ended the session’s process",
  session_deleted: "deleted the session",
  session_restarted: "restarted the session",
  recording_deleted: "deleted a recording",
  file_deleted: "deleted a file",
  response_deleted: "deleted a response",
  workspace_made: "made a workspace",
  workspace_renamed: "renamed a workspace",
  workspace_changed: "changed the settings of a workspace",
  workspace_deleted: "deleted a workspace",
  workspace_restored: "brought back a workspace",
  session_changed: "changed the title or the tags of the session",
  session_forked: "forked the session",
  job_cancelled: "cancelled a job",
};

/** `typed 12 B`, `revoked an API key: ci`. */
export function entryWords({ action, bytes: typed, detail }: Pick<AuditEntry, "action" | "bytes" | "detail">): string {
  if (typed !== null) return `${words[action]} ${bytes(typed)}`;
  return detail === null ? words[action] : `${words[action]}: ${detail}`;
}
