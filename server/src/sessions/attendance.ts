/**
 * Sessions that a person has to themselves. Turns that name one are refused or wait, as the settings say; one that nobody
 * looks at any more is given back.
 */
import type { Clock } from "./clock.ts";
import { SessionError } from "./errors.ts";
import type { LiveSession } from "./live-session.ts";

export interface AttendanceOptions {
  /** Whether turns wait until the person has given the session back. */
  wait: boolean;
  /** How many may, all sessions together. */
  queueLimit: number;
  /** Milliseconds that nobody looks at it, and nothing happens in it, after which it is given back. */
  unwatchedMs: number;
  clock: Clock;
  /** Nobody wants it any more: its process is to be ended. */
  onLeft: (live: LiveSession) => void;
}

interface Attended {
  live: LiveSession;
  timer: Disposable | undefined;
  /** Turns that wait, in the order of arrival. */
  waiting: Set<PromiseWithResolvers<void>>;
}

/** Seconds after which a turn that was refused may try again: a person takes their time. */
const retrySeconds = 30;

export class Attendance {
  readonly #options: AttendanceOptions;
  readonly #sessions = new Map<string, Attended>();
  #waiting = 0;

  constructor(options: AttendanceOptions) {
    this.#options = options;
  }

  /** Whether a person has it. */
  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /** From now on it is a person's. Turns that wait for an earlier process of it go on waiting. */
  begin(live: LiveSession, by: string | null): void {
    live.attend(by);
    const before = this.#sessions.get(live.id);
    before?.timer?.[Symbol.dispose]();
    const attended: Attended = { live, timer: undefined, waiting: before?.waiting ?? new Set() };
    this.#sessions.set(live.id, attended);
    this.#leave(attended);
    void live.driver.exited.then(() => {
      if (!live.isHandedOn && this.#sessions.get(live.id) === attended) this.over(live.id);
    });
  }

  /** It is nobody's any more: those who wait go on, in their order. */
  over(sessionId: string): void {
    const attended = this.#sessions.get(sessionId);
    attended?.timer?.[Symbol.dispose]();
    this.#sessions.delete(sessionId);
    for (const { resolve } of attended?.waiting ?? []) resolve();
  }

  /** Whether anybody looks at its terminal. */
  watch(sessionId: string, isWatched: boolean): void {
    const attended = this.#sessions.get(sessionId);
    if (!attended) return;
    attended.timer?.[Symbol.dispose]();
    attended.timer = undefined;
    if (!isWatched) this.#leave(attended);
  }

  /** Somebody has taken its keyboard. */
  take(sessionId: string, by: string): void {
    this.#sessions.get(sessionId)?.live.attend(by);
  }

  /**
   * Resolves at once when nobody has it, and else when it was given back.
   *
   * @throws SessionError `session_busy` where turns do not wait, `queue_full`, `aborted`, `draining`
   */
  async free(sessionId: string, signal: AbortSignal | undefined): Promise<void> {
    const attended = this.#sessions.get(sessionId);
    if (!attended) return;
    const { wait, queueLimit } = this.#options;
    if (!wait) {
      const message = "A person has this session to themselves at the moment. It takes turns again when they end it.";
      throw new SessionError("session_busy", message, { retryAfter: retrySeconds });
    }
    if (this.#waiting >= queueLimit) {
      const message = `A person has this session to themselves, and ${this.#waiting} requests wait for such already.`;
      throw new SessionError("queue_full", message, { retryAfter: retrySeconds });
    }
    const waiter = Promise.withResolvers<void>();
    const giveUp = () =>
      waiter.reject(new SessionError("aborted", "The request was given up while it waited for its session."));
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    attended.waiting.add(waiter);
    this.#waiting++;
    try {
      await waiter.promise;
    } finally {
      this.#waiting--;
      attended.waiting.delete(waiter);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** The server stops: nobody waits any more. */
  close(): void {
    for (const { waiting, timer } of this.#sessions.values()) {
      timer?.[Symbol.dispose]();
      for (const { reject } of waiting) reject(new SessionError("draining", "The server is shutting down."));
    }
  }

  #leave(attended: Attended): void {
    const { clock, unwatchedMs, onLeft } = this.#options;
    const { live } = attended;
    const look = (ms: number): void => {
      attended.timer = clock.after(ms, () => {
        // What it was asked to do goes on without anybody looking.
        const quietMs = clock.now() - live.driver.lastActivity;
        if (quietMs < unwatchedMs) look(unwatchedMs - quietMs);
        else onLeft(live);
      });
    };
    look(unwatchedMs);
  }
}
