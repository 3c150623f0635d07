/** Jobs as a table. */
import type { JobSummary } from "@lodge/shared";
import { Link } from "@tanstack/react-router";
import { cost } from "../../lib/format.ts";
import { Ago } from "../../lib/time.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { JobStateLabel } from "./state-label.tsx";
import { Took } from "./took.tsx";
import classes from "./jobs.module.css";

export function JobsTable({ jobs }: { jobs: readonly JobSummary[] }) {
  return (
    <table className={classes["table"]} aria-label="Jobs">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Prompt</th>
          <th scope="col" className={classes["wide"]}>
            Workspace
          </th>
          <th scope="col" className={classes["wide"]}>
            Kind
          </th>
          <th scope="col" className={`${classes["number"]} ${classes["wide"]}`}>
            Took
          </th>
          <th scope="col" className={`${classes["number"]} ${classes["wide"]}`}>
            Cost
          </th>
          <th scope="col" className={classes["number"]}>
            Made
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.id}>
            <td>
              <JobStateLabel state={job.state} />
            </td>
            <td className={classes["words"]}>
              <Link to="/work/$id" params={{ id: job.id }}>
                {job.title || "Untitled"}
              </Link>
              {job.error === null || job.state === "cancelled" ? null : (
                <div className={classes["error"]}>{job.error}</div>
              )}
            </td>
            <td className={classes["wide"]}>
              <WorkspaceName name={job.workspace} />
            </td>
            <td className={classes["wide"]}>{job.kind}</td>
            <td className={`${classes["number"]} ${classes["wide"]}`}>
              <Took job={job} />
            </td>
            <td className={`${classes["number"]} ${classes["wide"]}`}>
              {job.costUsd === null ? "–" : cost(job.costUsd)}
            </td>
            <td className={classes["number"]}>
              <Ago at={job.createdAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
