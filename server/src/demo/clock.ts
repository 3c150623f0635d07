import { setTimeout as sleep } from "node:timers/promises";

/** Time, as far as the demo model needs it. Rejects as soon as the signal aborts. */
export interface Clock {
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
