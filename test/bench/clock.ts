/** Times that processes on one machine can compare, and waiting for a condition instead of for a while. */

/** Milliseconds since the epoch, with fractions: `Date.now` is too coarse for what is measured here. */
export const now = (): number => performance.timeOrigin + performance.now();

/** Milliseconds between two looks at a condition. */
const pollMs = 25;

/** Resolves with true when the condition holds, or with false when it does not within so many milliseconds. */
export async function holdsWithin(ms: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = now() + ms;
  while (!(await condition())) {
    if (now() > deadline) return false;
    await Bun.sleep(pollMs);
  }
  return true;
}
