/** Follows the sessions through the dashboard's events, so that a test waits for what happens and not for time to pass. */
import { type DashboardEvent, dashboardEvent, type SessionSummary } from "@lodge/shared";
import { readFrames } from "./sse.ts";

export interface Watch extends AsyncDisposable {
  /** Every event so far. */
  readonly events: readonly DashboardEvent[];
  /** As the events have it. */
  readonly sessions: ReadonlyMap<string, SessionSummary>;
  /**
   * Resolves with what `find` gives as soon as it gives something; asked now and after every event.
   *
   * @param withinMs milliseconds
   */
  until<T>(find: () => T | undefined, withinMs?: number): Promise<T>;
}

/** @param open `GET /api/events` with whatever proves who asks */
export async function watchSessions(open: (signal: AbortSignal) => Promise<Response>): Promise<Watch> {
  const closing = new AbortController();
  const response = await open(closing.signal);
  if (response.status !== 200) throw new Error(`the events answered ${response.status}: ${await response.text()}`);
  const events: DashboardEvent[] = [];
  const sessions = new Map<string, SessionSummary>();
  let next = Promise.withResolvers<void>();
  const { promise: first, resolve: begun } = Promise.withResolvers<void>();
  const reading = read().catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });
  await Promise.race([first, reading]);

  async function read(): Promise<void> {
    for await (const frame of readFrames(response)) {
      if (frame.comment !== undefined) continue;
      const event = dashboardEvent.parse(JSON.parse(frame.data));
      events.push(event);
      apply(sessions, event);
      begun();
      next.resolve();
      next = Promise.withResolvers();
    }
  }

  return {
    events,
    sessions,
    async until(find, withinMs = 20_000) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`not seen within ${withinMs} ms`)), withinMs);
      try {
        for (;;) {
          const found = find();
          if (found !== undefined) return found;
          await Promise.race([next.promise, late.promise]);
        }
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await reading;
    },
  };
}

function apply(sessions: Map<string, SessionSummary>, event: DashboardEvent): void {
  switch (event.type) {
    case "snapshot":
      for (const session of event.sessions) sessions.set(session.id, session);
      break;
    case "session":
      sessions.set(event.session.id, event.session);
      break;
    case "session_removed":
      sessions.delete(event.id);
      break;
    case "jobs":
      break;
  }
}
