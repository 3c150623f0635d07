/** Everybody who follows the sessions: told of each change of one, and of what goes on in its process. */
import { hibernatedSnapshot, type LiveSession, type SessionSnapshot } from "./live-session.ts";
import type { LiveProcess, SessionObserver } from "./observer.ts";

export type SessionChange =
  | { type: "changed"; session: SessionSnapshot }
  /** A process that never was anybody's session is gone, or a session was deleted. */
  | { type: "removed"; id: string };

export type SessionListener = (change: SessionChange) => void;

export class Audience {
  readonly #listeners = new Set<SessionListener>();
  readonly #observers = new Set<SessionObserver>();
  /** Live sessions that listeners know of. */
  readonly #shown = new WeakSet<LiveSession>();

  /** The return value ends it, as that of `observe`. */
  subscribe(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param running what has a process already, of which it is told first */
  observe(observer: SessionObserver, running: Iterable<LiveSession>): () => void {
    this.#observers.add(observer);
    for (const live of running) observer.launched(processOf(live));
    return () => this.#observers.delete(observer);
  }

  /** A process was started, for whoever observes. */
  launched(live: LiveSession): void {
    const process = processOf(live);
    this.tell((observer) => observer.launched(process));
  }

  tell(of: (observer: SessionObserver) => void): void {
    for (const observer of this.#observers) of(observer);
  }

  announce(change: SessionChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** A live session is another than before. One that is nobody's yet is kept to the house. */
  changed(live: LiveSession): void {
    const ended = live.state.name === "ended";
    const isGone = !live.isShown && (ended || this.#shown.has(live));
    if (!live.isShown && !isGone) return;
    if (isGone || ended) this.#shown.delete(live);
    else this.#shown.add(live);
    if (isGone) return this.announce({ type: "removed", id: live.id });
    this.announce({ type: "changed", session: ended ? hibernatedSnapshot(live.record) : live.snapshot() });
  }

  /** Nobody is told of anything any more. */
  dismiss(): void {
    this.#listeners.clear();
    this.#observers.clear();
  }
}

const processOf = (live: LiveSession): LiveProcess => ({
  sessionId: live.id,
  driver: live.plan.fixed.driver,
  terminal: live.driver.terminal,
  exited: live.driver.exited,
  isHandedOn: () => live.isHandedOn,
});
