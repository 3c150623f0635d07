/** Which jobs the list shows, as it stands in the address. */
import { type JobKind, jobKind, type JobState, jobState } from "@lodge/shared";
import { textParam } from "../../lib/text-filter.ts";

export interface JobsSearch {
  state?: JobState;
  kind?: JobKind;
  /** Path below the workspaces root; the root itself is `.`, since an address drops what is empty. */
  workspace?: string;
}

/** The search parameters of `/jobs`; whatever else is in the address is dropped. */
export function jobsSearch(given: Record<string, unknown>): JobsSearch {
  const state = jobState.options.find((name) => name === given["state"]);
  const kind = jobKind.options.find((name) => name === given["kind"]);
  const workspace = textParam(given["workspace"]);
  return {
    ...(state === undefined ? {} : { state }),
    ...(kind === undefined ? {} : { kind }),
    ...(workspace === undefined ? {} : { workspace }),
  };
}

/** The search parameters of `/jobs/new`: a job to begin with. */
export interface NewJobSearch {
  from?: string;
}

export function newJobSearch(given: Record<string, unknown>): NewJobSearch {
  return typeof given["from"] === "string" ? { from: given["from"] } : {};
}
