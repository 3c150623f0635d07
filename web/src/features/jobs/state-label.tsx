/** A job's state: a dot and a word. */
import type { JobState } from "@lodge/shared";
import classes from "./jobs.module.css";

export const stateWords: Record<JobState, string> = {
  queued: "Queued",
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  timeout: "Timed out",
  cancelled: "Cancelled",
  error: "Error",
};

export function JobStateLabel({ state }: { state: JobState }) {
  return (
    <span className={classes["state"]} data-state={state}>
      <span aria-hidden />
      {stateWords[state]}
    </span>
  );
}
