/** Live events for browsers: each reader gets a snapshot and then every change, or is cut off when it cannot keep up. */
import { type DashboardEvent, limits, type SessionSummary } from "@lodge/shared";
import { Channel } from "../../sessions/index.ts";

/** Events that wait for one browser; past that it is cut off, comes again, and gets a snapshot. */
const backlog = 1000;

export interface FeedSource {
  list(limit: number): SessionSummary[];
  /** Calls back on every change; the return value ends that. */
  subscribe(listener: (change: FeedChange) => void): () => void;
}

export type FeedChange =
  | { type: "session"; session: SessionSummary }
  | { type: "session_removed"; id: string }
  | { type: "jobs" };

/** The sessions' changes, with those of runs and jobs among them. */
export const withJobs = (sessions: FeedSource, onJobs: (listener: () => void) => () => void): FeedSource => ({
  list: (limit) => sessions.list(limit),
  subscribe(listener) {
    const ends = [sessions.subscribe(listener), onJobs(() => listener({ type: "jobs" }))];
    return () => ends.forEach((end) => end());
  },
});

export async function* dashboardEvents(source: FeedSource, signal: AbortSignal): AsyncGenerator<DashboardEvent> {
  let sequence = 0;
  const changes = new Channel<DashboardEvent>(backlog);
  using stack = new DisposableStack();
  stack.defer(
    source.subscribe((change) => {
      sequence++;
      // Not awaited: a full channel means a browser that does not keep up.
      if (changes.push({ ...change, sequence })) changes.close();
    }),
  );
  const close = () => changes.close();
  signal.addEventListener("abort", close, { once: true });
  stack.defer(() => signal.removeEventListener("abort", close));

  yield { type: "snapshot", sequence, sessions: source.list(limits.sessions) };
  yield* changes;
}
