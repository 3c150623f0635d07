/**
 * Processes are the scarce resource: there are so many slots, and who comes when none is free waits in line. First come,
 * first served; the line is bounded.
 */
import { SessionError } from "./errors.ts";

/** The right to one process. Released once; releasing again does nothing. */
export interface Slot {
  release(): void;
}

interface Waiter {
  grant(): void;
}

export class Slots {
  readonly #limit: number;
  readonly #queueLimit: number;
  #used = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(limit: number, queueLimit: number) {
    this.#limit = limit;
    this.#queueLimit = queueLimit;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether a slot can be had without waiting and without taking it from anybody. */
  get free(): boolean {
    return this.#used < this.#limit && this.#waiters.size === 0;
  }

  take(): Slot {
    this.#used++;
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#used--;
        this.#grantNext();
      },
    };
  }

  /**
   * @param makeRoom called when no slot is free: it may start to end a process that nobody uses
   * @throws SessionError `queue_full`, or `aborted` when the signal aborts while waiting
   */
  async acquire(signal: AbortSignal | undefined, makeRoom: () => void): Promise<Slot> {
    if (this.free) return this.take();
    if (this.#waiters.size >= this.#queueLimit) {
      throw new SessionError(
        "queue_full",
        `All ${this.#limit} processes are busy and ${this.#waiters.size} requests wait already.`,
        { retryAfter: 5 },
      );
    }
    makeRoom();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener("abort", leave);
          this.#waiters.delete(waiter);
          resolve(this.take());
        },
      };
      const leave = () => {
        this.#waiters.delete(waiter);
        reject(new SessionError("aborted", "The request was given up while it waited for a process."));
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiters.add(waiter);
      // What `makeRoom` ended may be gone already.
      this.#grantNext();
    });
  }

  #grantNext(): void {
    const [first] = this.#waiters;
    if (first && this.#used < this.#limit) first.grant();
  }
}
