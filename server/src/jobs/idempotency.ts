/** What makes a repeated request the same run or job: its key, and a hash of all that it asked for. */
import { createHash } from "node:crypto";
import type { JobKind } from "../store/job-store.ts";
import { JobError } from "./errors.ts";
import type { Submission } from "./spec.ts";

export interface IdempotencyKey {
  /** Runs and jobs have keys of their own. */
  key: string;
  hash: string;
}

export function idempotencyKeyOf(kind: JobKind, submission: Submission): IdempotencyKey | undefined {
  const { idempotencyKey, owner = null, ...asked } = submission;
  if (idempotencyKey === undefined) return undefined;
  return {
    // Each owner has keys of their own.
    key: owner === null ? `${kind}:${idempotencyKey}` : `${kind}:${owner}:${idempotencyKey}`,
    hash: createHash("sha256").update(JSON.stringify(asked)).digest("base64url"),
  };
}

/** @throws JobError `key_reused` when something else was asked for under the same key */
export function requireSame(before: { hash: string }, now: IdempotencyKey): void {
  if (before.hash !== now.hash) {
    throw new JobError("key_reused", "This idempotency key was used for another request.");
  }
}
