/** What a run or a job is to do, as it is kept in the database. */
import type { EffortLevel } from "../sessions/index.ts";

export interface JobSpec {
  prompt: string;
  /** Path below the workspaces root, links resolved. */
  workspace: string;
  /** Which conversation it goes on with. */
  conversation: { type: "new" } | { type: "latest" } | { type: "session"; id: string };
  model?: string | undefined;
  systemPrompt?: string | undefined;
  appendSystemPrompt?: string | undefined;
  effort?: EffortLevel | undefined;
  /** The CLI's `--agent`. */
  agent?: string | undefined;
  /** A JSON Schema that the answer must fit. */
  jsonSchema?: Record<string, unknown> | undefined;
  maxBudgetUsd?: number | undefined;
  timeoutMs?: number | undefined;
  /** Whether the result tells of every message. */
  verbose: boolean;
}

/** A spec and what belongs to its caller. */
export interface Submission {
  spec: JobSpec;
  /** The caller's own, given back unread. */
  metadata?: Record<string, unknown> | undefined;
  /** Told when it is over. */
  callbackUrl?: string | undefined;
  /** Whether it begins again when the server dies under it. */
  requeue?: boolean | undefined;
  /** Asked for again under the same key, it is the same one. */
  idempotencyKey?: string | undefined;
  /** The API key that asks for it; the server's own token when absent. */
  owner?: string | null | undefined;
}
