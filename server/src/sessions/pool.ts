/**
 * The live sessions, and who of them is free for which conversation. Nothing here waits: what is taken is taken before
 * anybody else can look.
 */
import type { Clock } from "./clock.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { LiveSession } from "./live-session.ts";

export class Pool {
  readonly #live = new Map<string, LiveSession>();
  /** Ready sessions by what they hold, the one released last at the end of its list. */
  readonly #byFingerprint = new Map<Fingerprint, LiveSession[]>();
  /** Ready sessions, the one released longest ago first. */
  readonly #idle = new Map<LiveSession, Disposable>();
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #onIdleTooLong: (session: LiveSession) => void;

  constructor(clock: Clock, idleMs: number, onIdleTooLong: (session: LiveSession) => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onIdleTooLong = onIdleTooLong;
  }

  all(): IterableIterator<LiveSession> {
    return this.#live.values();
  }

  get(id: string): LiveSession | undefined {
    return this.#live.get(id);
  }

  add(session: LiveSession): void {
    this.#live.set(session.id, session);
  }

  /** A ready session that holds exactly this conversation and can go on under this plan; nobody else gets it from now on. */
  take(fingerprint: Fingerprint, planKey: string): LiveSession | undefined {
    const session = this.#byFingerprint.get(fingerprint)?.findLast((candidate) => candidate.plan.key === planKey);
    if (session) this.#leaveIdle(session);
    return session;
  }

  /** That session, if it is ready. */
  takeById(id: string): LiveSession | undefined {
    const session = this.#live.get(id);
    if (!session || !this.#idle.has(session)) return undefined;
    this.#leaveIdle(session);
    return session;
  }

  /** How many ready or starting sessions of this plan have had no turn yet. */
  countSpares(planKey: string): number {
    let count = 0;
    for (const session of this.#live.values()) {
      const { name } = session.state;
      if (!session.hasHistory && session.plan.key === planKey && (name === "starting" || name === "ready")) count++;
    }
    return count;
  }

  /** The ready session that can best be done without: one that nobody has used yet, else the one that waits longest. */
  takeLeastNeeded(): LiveSession | undefined {
    const idle = [...this.#idle.keys()];
    const oldest = idle.find((session) => !session.hasHistory) ?? idle[0];
    if (oldest) this.#leaveIdle(oldest);
    return oldest;
  }

  /** Ready for its next message, under the fingerprint that it carries. */
  release(session: LiveSession): void {
    if (session.fingerprint !== null) {
      const others = this.#byFingerprint.get(session.fingerprint);
      if (others) others.push(session);
      else this.#byFingerprint.set(session.fingerprint, [session]);
    }
    this.#idle.set(
      session,
      this.#clock.after(this.#idleMs, () => {
        this.#leaveIdle(session);
        this.#onIdleTooLong(session);
      }),
    );
  }

  /** Nobody gets it any more, though its process is still there. */
  withdraw(session: LiveSession): void {
    this.#leaveIdle(session);
  }

  /** The process is gone. */
  remove(session: LiveSession): void {
    this.#leaveIdle(session);
    this.#live.delete(session.id);
  }

  #leaveIdle(session: LiveSession): void {
    this.#idle.get(session)?.[Symbol.dispose]();
    this.#idle.delete(session);
    if (session.fingerprint === null) return;
    const others = this.#byFingerprint.get(session.fingerprint)?.filter((other) => other !== session) ?? [];
    if (others.length === 0) this.#byFingerprint.delete(session.fingerprint);
    else this.#byFingerprint.set(session.fingerprint, others);
  }
}
