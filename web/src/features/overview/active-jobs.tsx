/** Runs and jobs under way, and the first that wait. */
import type { Overview } from "@lodge/shared";
import { Link } from "@tanstack/react-router";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { JobStateLabel } from "../jobs/state-label.tsx";
import { Took } from "../jobs/took.tsx";
import classes from "./page.module.css";

export function ActiveJobs({ jobs: { active, running, queued } }: Pick<Overview, "jobs">) {
  if (active.length === 0) return null;
  const rest = running + queued - active.length;
  return (
    <section aria-labelledby="under-way" className={classes["part"]}>
      <header className={classes["heading"]}>
        <h2 id="under-way">Runs and jobs under way</h2>
        <Link to="/work">{rest > 0 ? `${rest} more` : "All jobs"}</Link>
      </header>
      <ul className={classes["jobs"]} aria-label="Runs and jobs under way">
        {active.map((job) => (
          <li key={job.id}>
            <JobStateLabel state={job.state} />
            <Link to="/work/$id" params={{ id: job.id }} className={classes["title"]}>
              {job.title || "Untitled"}
            </Link>
            <span className={classes["workspace"]}>
              <WorkspaceName name={job.workspace} />
            </span>
            <span className={classes["took"]}>
              <Took job={job} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
