/** A job's live output as server-sent events: what was kept of it, then what happens, until it is over. */
import { follow } from "../../jobs/follow.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import type { JobEventStore } from "../../store/job-event-store.ts";

/** @param after the last one that the reader has; 0 for none */
export async function* liveFrames(
  { jobs, events }: { jobs: Jobs; events: JobEventStore },
  job: { id: string; seq: number },
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const log = {
    change: () => jobs.change(job.id, signal),
    isOver: () => jobs.isOver(job.id),
    after: (id: number, limit: number) => events.after(job.seq, id, limit),
  };
  let last = after;
  for await (const { id, type, data } of follow(log, after)) {
    // The oldest of a long output are gone.
    if (id > last + 1 && last > 0) yield `event: gap\ndata: ${JSON.stringify({ missing: id - last - 1 })}\n\n`;
    last = id;
    yield `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
  }
}
