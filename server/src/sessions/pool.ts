/**
 * The live sessions, and who of them is free for which conversation. Nothing here waits: what is taken is taken before
 * anybody else can look.
 */
import type { Clock } from "./clock.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { LaunchPlan } from "./launch.ts";
import type { LiveSession } from "./live-session.ts";

export class Pool {
  readonly #live = new Map<string, LiveSession>();
  /** Ready sessions by what they hold, the one released last at the end of its list. */
  readonly #byFingerprint = new Map<Fingerprint, LiveSession[]>();
  /** Ready sessions, the one released longest ago first. */
  readonly #idle = new Map<LiveSession, Disposable>();
  /** Sessions whose turn waits for the client, the one that waits longest first. */
  readonly #held = new Map<LiveSession, Disposable>();
  readonly #byCall = new Map<string, LiveSession>();
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
  take(fingerprint: Fingerprint, plan: LaunchPlan): LiveSession | undefined {
    const able = this.#byFingerprint.get(fingerprint)?.filter((candidate) => candidate.serves(plan)) ?? [];
    // Of two spares the one that can do more is left to who needs it.
    const session = able.findLast((candidate) => candidate.isFor(plan)) ?? able.at(-1);
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

  /** The session that waits for the result of this call. */
  holding(call: string): LiveSession | undefined {
    return this.#byCall.get(call);
  }

  /** Waits for results: whoever brings them may have it, and when they do not come in time nobody. */
  hold(session: LiveSession, holdMs: number, onLate: () => void): void {
    for (const { id } of session.held?.calls ?? []) this.#byCall.set(id, session);
    const timer = this.#clock.after(holdMs, () => {
      this.#leaveHeld(session);
      onLate();
    });
    this.#held.set(session, timer);
  }

  /** That session, whose results are there; false when somebody else has it. */
  takeHeld(session: LiveSession): boolean {
    if (!this.#held.has(session)) return false;
    this.#leaveHeld(session);
    return true;
  }

  /** How many ready or starting sessions of this plan have had no turn yet. */
  countSpares(plan: LaunchPlan): number {
    let count = 0;
    for (const session of this.#live.values()) {
      const { name } = session.state;
      if (!session.hasHistory && session.isFor(plan) && (name === "starting" || name === "ready")) count++;
    }
    return count;
  }

  /**
   * The session that can best be done without: one that nobody has used yet, else the one that is ready longest. A held
   * turn goes only when there is none of those: it can be made again from its transcript, and those who wait cannot wait
   * for hours.
   */
  takeLeastNeeded(): LiveSession | undefined {
    const idle = [...this.#idle.keys()];
    const oldest = idle.find((session) => !session.hasHistory) ?? idle[0];
    if (oldest) this.#leaveIdle(oldest);
    if (oldest) return oldest;
    const [held] = this.#held.keys();
    if (held) this.#leaveHeld(held);
    return held;
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

  /** Ready still, but not for those who look for a conversation: what it held is not what it holds any more. */
  forgetConversation(session: LiveSession): void {
    if (!this.#idle.has(session)) return;
    this.#leaveIdle(session);
    session.fingerprint = null;
    this.release(session);
  }

  /** Nobody gets it any more, though its process is still there. */
  withdraw(session: LiveSession): void {
    this.#leaveIdle(session);
    this.#leaveHeld(session);
  }

  /** The process is gone. */
  remove(session: LiveSession): void {
    this.withdraw(session);
    this.#live.delete(session.id);
  }

  #leaveHeld(session: LiveSession): void {
    this.#held.get(session)?.[Symbol.dispose]();
    this.#held.delete(session);
    for (const { id } of session.held?.calls ?? []) if (this.#byCall.get(id) === session) this.#byCall.delete(id);
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
