/** Time, as the sessions see it: injected, so that tests move it by hand. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms` milliseconds unless disposed first. */
  after(ms: number, callback: () => void): Disposable;
}

let pending = 0;

export const systemClock = {
  now: Date.now,
  after(ms: number, callback: () => void): Disposable {
    let isPending = true;
    const over = () => {
      if (isPending) pending--;
      isPending = false;
    };
    pending++;
    const timer = setTimeout(() => {
      over();
      callback();
    }, ms);
    return {
      [Symbol.dispose]: () => {
        over();
        clearTimeout(timer);
      },
    };
  },
  /** How many callbacks are yet to come: what nobody disposes of shows here. */
  get pending(): number {
    return pending;
  },
} satisfies Clock & { pending: number };
