/** What of runs and jobs a caller may ask for, see and end. */
import { type Caller, requireOwn } from "../../auth/caller.ts";
import { requireSession, workspaceFor } from "../../auth/guard.ts";
import type { JobSpec } from "../../jobs/spec.ts";
import type { SessionManager } from "../../sessions/index.ts";
import type { JobSummary } from "../../store/job-store.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";

interface Places {
  sessions: SessionManager;
  workspaces: Workspaces;
}

/**
 * The same in the workspace that the caller means.
 *
 * @throws AccessError for a workspace or a session of others, and when the caller has nothing left to spend
 */
export async function admitted(caller: Caller, places: Places, spec: JobSpec): Promise<JobSpec> {
  const workspace = await workspaceFor(caller, places.workspaces, spec.workspace);
  if (spec.conversation.type === "session") requireSession(caller, places, spec.conversation.id);
  caller.requireFunds();
  return { ...spec, workspace };
}

/** @throws AccessError `owner_foreign`, `workspace_foreign` */
export function requireOwnJob<T extends Pick<JobSummary, "owner" | "workspace" | "kind">>(caller: Caller, job: T): T {
  requireOwn(caller, job, job.kind === "run" ? "The run" : "The job");
  return job;
}

/** Those of a page that the caller may see still. */
export const ownJobs = <T extends Pick<JobSummary, "owner" | "workspace">>(caller: Caller, jobs: readonly T[]): T[] =>
  jobs.filter(({ owner, workspace }) => caller.owns(owner) && caller.reach.includes(workspace));
