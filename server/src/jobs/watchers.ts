/** Those who wait for something to happen to a job. They read what happened from the database, not from here. */

export class Watchers {
  readonly #waiting = new Map<string, Set<() => void>>();
  #closed = false;

  /** Resolves when somebody tells of that job, or with false when there is nothing to wait for any more. */
  next(job: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#closed) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = this.#waiting.get(job) ?? new Set();
    this.#waiting.set(job, waiting);
    const wake = () => {
      signal.removeEventListener("abort", wake);
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(job) === waiting) this.#waiting.delete(job);
      resolve(!signal.aborted && !this.#closed);
    };
    waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    return promise;
  }

  tell(job: string): void {
    for (const wake of this.#waiting.get(job) ?? []) wake();
  }

  close(): void {
    this.#closed = true;
    for (const job of this.#waiting.keys()) this.tell(job);
  }
}
