/** How long a job has been running, or ran. */
import type { JobSummary } from "@lodge/shared";
import { elapsed } from "../../lib/format.ts";
import { Elapsed } from "../../lib/time.tsx";

export function Took({ job: { startedAt, finishedAt } }: { job: JobSummary }) {
  if (startedAt === null) return <>–</>;
  if (finishedAt === null) return <Elapsed since={startedAt} />;
  return <>{elapsed(finishedAt - startedAt)}</>;
}
