/** One at a time for each key, in the order of arrival; a bounded number may wait. */
import { SessionError } from "./errors.ts";

export class Turnstile {
  readonly #lines = new Map<string, Promise<void>>();
  readonly #limit: number;
  #waiting = 0;

  /** @param limit how many may wait, all keys together; 0 refuses whoever would have to */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Resolves when it is this caller's turn, with the way to leave; leaving twice does nothing.
   *
   * @throws SessionError `session_busy` when too many wait, `aborted` when the signal aborts first
   */
  async enter(key: string, signal?: AbortSignal): Promise<() => void> {
    const before = this.#lines.get(key);
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    if (before && this.#waiting >= this.#limit) {
      throw new SessionError("session_busy", "Another turn of this session is under way.", { retryAfter: 1 });
    }
    const tail = (before ?? Promise.resolve()).then(() => left);
    this.#lines.set(key, tail);
    void tail.then(() => {
      if (this.#lines.get(key) === tail) this.#lines.delete(key);
    });
    if (!before) return leave;
    this.#waiting++;
    try {
      await untilAborted(before, signal);
    } catch (error) {
      // Keeps the place in line for those behind, but is through with it as soon as it comes up.
      leave();
      throw error;
    } finally {
      this.#waiting--;
    }
    return leave;
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new SessionError("aborted", "The request was given up while it waited for its session."));
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
