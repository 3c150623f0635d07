/** A job's live output as server-sent events: what was kept of it, then what happens, until it is over. */
import type { Jobs } from "../../jobs/jobs.ts";
import type { JobEventStore } from "../../store/job-event-store.ts";

/** Events read at one time; the rest when these are out. */
const batch = 200;

/** @param after the last one that the reader has; 0 for none */
export async function* liveFrames(
  { jobs, events }: { jobs: Jobs; events: JobEventStore },
  job: { id: string; seq: number },
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let last = after;
  for (;;) {
    // Asked for before reading, so that nothing falls between the two.
    const change = jobs.change(job.id, signal);
    // An end that is seen here has all of its events before it.
    const over = jobs.isOver(job.id);
    const found = events.after(job.seq, last, batch);
    for (const { id, type, data } of found) {
      // The oldest of a long output are gone.
      if (id > last + 1 && last > 0) yield `event: gap\ndata: ${JSON.stringify({ missing: id - last - 1 })}\n\n`;
      last = id;
      yield `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
    }
    if (found.length > 0) continue;
    if (over || !(await change)) return;
  }
}
