/** Follows `GET /api/events` for as long as it is wanted: reads, applies, notices a dead line, comes back. */
import { dashboardEvent } from "@lodge/shared";
import { backoffMs } from "./backoff.ts";
import { applyEvent, type SessionsState } from "./sessions-state.ts";
import { sseParser } from "./sse.ts";

/** Why the stream is not there: no answer, an answer that is an error, or one that this page does not understand. */
export type LiveFailure = "unreachable" | "refused" | "protocol";

export type Connection =
  | { status: "connecting" }
  | { status: "live" }
  /** `since` and `retryAt` in milliseconds since the epoch. */
  | { status: "reconnecting"; since: number; retryAt: number; failure: LiveFailure };

export interface LiveEventsOptions {
  open(signal: AbortSignal): Promise<Response>;
  onConnection(connection: Connection): void;
  /** Called once for all events that arrived together. */
  onSessions(sessions: SessionsState["sessions"], isSnapshot: boolean): void;
  /** A run or a job was taken, has begun or ended. Called once for all events that arrived together. */
  onJobs(): void;
  /** The login is no longer good; nothing more is tried. */
  onUnauthorized(): void;
  clock?: Clock;
  random?: () => number;
}

/** Time as the follower needs it; a test brings its own. */
export interface Clock {
  now(): number;
  after(ms: number, action: () => void): () => void;
}

export interface LiveEvents {
  /** Does not wait any longer for the next attempt. */
  readonly retryNow: () => void;
  readonly stop: () => void;
}

/** Quiet milliseconds after which a line is taken for dead: the server's heartbeat comes every 10 s. */
const silenceMs = 25_000;
/** Milliseconds a stream must have lasted to count as a success, so that one that breaks at once is not hammered. */
const settledMs = 2000;

const systemClock: Clock = {
  now: Date.now,
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

export function followLiveEvents(options: LiveEventsOptions): LiveEvents {
  const { clock = systemClock, random = Math.random } = options;
  const stopped = new AbortController();
  let retryNow: (() => void) | null = null;

  async function run(): Promise<void> {
    let attempt = 0;
    let lostAt: number | null = null;
    while (!stopped.signal.aborted) {
      const { failure, liveAt } = await follow(options, clock, stopped.signal);
      if (stopped.signal.aborted) return;
      if (failure === "unauthorized") return options.onUnauthorized();
      const now = clock.now();
      attempt = liveAt !== null && now - liveAt >= settledMs ? 1 : attempt + 1;
      if (liveAt !== null || lostAt === null) lostAt = now;
      const wait = backoffMs(attempt, random());
      options.onConnection({ status: "reconnecting", since: lostAt, retryAt: now + wait, failure });
      await new Promise<void>((resolve) => {
        const cancel = clock.after(wait, resolve);
        retryNow = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  options.onConnection({ status: "connecting" });
  void run();
  return {
    retryNow: () => retryNow?.(),
    stop() {
      stopped.abort();
      retryNow?.();
    },
  };
}

interface Outcome {
  failure: LiveFailure | "unauthorized";
  /** When the snapshot came; null when none did. */
  liveAt: number | null;
}

/** One stream from its opening to its end, whatever ends it. */
async function follow(options: LiveEventsOptions, clock: Clock, stopped: AbortSignal): Promise<Outcome> {
  const line = new AbortController();
  const signal = AbortSignal.any([stopped, line.signal]);
  let stopWatch = clock.after(silenceMs, () => line.abort());
  let state: SessionsState | null = null;
  let shown: SessionsState["sessions"] | null = null;
  let liveAt: number | null = null;
  try {
    const response = await options.open(signal);
    if (response.status === 401) return { failure: "unauthorized", liveAt };
    if (!response.ok) return { failure: "refused", liveAt };
    if (response.body === null || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
      return { failure: "protocol", liveAt };
    }
    const parse = sseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { failure: "unreachable", liveAt };
      stopWatch();
      stopWatch = clock.after(silenceMs, () => line.abort());
      const before: SessionsState | null = state;
      let isSnapshot = false;
      let hasJobs = false;
      for (const event of parseAll(parse, value)) {
        isSnapshot ||= event.type === "snapshot";
        hasJobs ||= event.type === "jobs";
        state = applyEvent(state, event);
        // A gap: only a new stream brings a new snapshot.
        if (state === null) return { failure: "unreachable", liveAt };
      }
      if (state === null || state === before) continue;
      if (hasJobs) options.onJobs();
      if (state.sessions !== shown) options.onSessions(state.sessions, isSnapshot);
      shown = state.sessions;
      if (liveAt === null) {
        liveAt = clock.now();
        options.onConnection({ status: "live" });
      }
    }
  } catch (error) {
    return { failure: error instanceof ProtocolError ? "protocol" : "unreachable", liveAt };
  } finally {
    stopWatch();
    line.abort();
  }
}

class ProtocolError extends Error {}

function parseAll(parse: (piece: string) => string[], piece: string) {
  try {
    return parse(piece).map((data) => dashboardEvent.parse(JSON.parse(data)));
  } catch (cause) {
    throw new ProtocolError("The stream holds something else than dashboard events.", { cause });
  }
}
