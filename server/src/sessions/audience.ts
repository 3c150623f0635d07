/**
 * Everybody who follows the sessions: told of each change of one, and of what goes on in its process. They are told in
 * order and in a moment: whose turn it is waits for nobody who only looks on.
 */
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
  /** What has happened since they were last told. */
  #news: (() => void)[] = [];
  readonly #onFailure: ((error: unknown) => void) | undefined;

  /** @param onFailure told of what one of them failed at, which is nothing to the others and to the session */
  constructor(onFailure?: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

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

  /** A process was started, for whoever observes: at once, so that they miss nothing that it writes. */
  launched(live: LiveSession): void {
    const process = processOf(live);
    for (const observer of this.#observers) observer.launched(process);
  }

  tell(of: (observer: SessionObserver) => void): void {
    this.#soon(this.#observers, of);
  }

  announce(change: SessionChange): void {
    this.#soon(this.#listeners, (listener) => listener(change));
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

  /** Nobody is told of anything any more, once they know all there was. */
  dismiss(): void {
    this.#tellAll();
    this.#listeners.clear();
    this.#observers.clear();
  }

  #soon<T>(followers: Iterable<T>, tell: (follower: T) => void): void {
    const each = () => {
      for (const follower of followers) {
        try {
          tell(follower);
        } catch (error) {
          this.#onFailure?.(error);
        }
      }
    };
    if (this.#news.push(each) === 1) setImmediate(() => this.#tellAll());
  }

  #tellAll(): void {
    const news = this.#news;
    this.#news = [];
    for (const tell of news) tell();
  }
}

const processOf = (live: LiveSession): LiveProcess => ({
  sessionId: live.id,
  driver: live.plan.fixed.driver,
  terminal: live.driver.terminal,
  exited: live.driver.exited,
  isHandedOn: () => live.isHandedOn,
});
