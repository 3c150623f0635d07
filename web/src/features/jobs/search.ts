/** Which jobs the list shows, as it stands in the address. */
import { type JobState, jobState } from "@lodge/shared";

export interface JobsSearch {
  state?: JobState;
}

/** The search parameters of `/jobs`; whatever else is in the address is dropped. */
export function jobsSearch(given: Record<string, unknown>): JobsSearch {
  const state = jobState.options.find((name) => name === given["state"]);
  return state === undefined ? {} : { state };
}

/** The search parameters of `/jobs/new`: a job to begin with. */
export interface NewJobSearch {
  from?: string;
}

export function newJobSearch(given: Record<string, unknown>): NewJobSearch {
  return typeof given["from"] === "string" ? { from: given["from"] } : {};
}
