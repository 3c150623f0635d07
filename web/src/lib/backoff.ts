/** How long to wait before trying again: longer each time, and never the same for two browsers. */

/** Milliseconds before the second attempt; a server that restarts is back about then. */
const firstMs = 500;
/** Milliseconds a person is willing to wait at most once the server is back. */
const longestMs = 15_000;

/**
 * @param attempt failures in a row, from 1
 * @param random from 0 up to 1; half of the wait is left to chance, so that browsers do not all come back at once
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
