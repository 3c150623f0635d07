/** What a webhook says: which job is over and how. The same words at every attempt. */
import type { JobRecord } from "../../store/job-store.ts";

/** Characters of the output; the whole of it is behind `GET /jobs/{id}`. */
const maxOutput = 64 * 1024;

export function webhookBody(job: JobRecord): string {
  return JSON.stringify({
    type: `${job.kind}.${job.state}`,
    timestamp: new Date(job.finishedAt ?? job.createdAt).toISOString(),
    data: {
      ...(job.kind === "run" ? { run_id: job.id } : { job_id: job.id }),
      status: job.state,
      workspace: job.workspace,
      metadata: job.metadata === null ? null : (JSON.parse(job.metadata) as unknown),
      session_id: job.sessionId,
      exit_code: job.exitCode,
      cost_usd: job.costUsd,
      output: job.output.slice(-maxOutput),
      ...(job.error === null ? {} : { error: job.error }),
    },
  });
}
