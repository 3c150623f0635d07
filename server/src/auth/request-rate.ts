/**
 * How many requests were taken in the last minute, to the second: a count for each second, in a ring. A key takes the
 * same memory whatever its limit, and never gets more than its limit in any 60 s.
 */

const seconds = 60;

export class RequestRate {
  /** Requests in each second of the last minute, by second modulo 60. */
  readonly #counts = new Uint32Array(seconds);
  /** The latest second that was counted, since the epoch. */
  #latest = 0;
  #sum = 0;

  /**
   * Takes one request, if it may be.
   *
   * @param now milliseconds since the epoch
   * @returns seconds to wait when it may not; 0 when it was taken
   */
  take(limit: number, now: number): number {
    const second = Math.max(Math.floor(now / 1000), this.#latest);
    this.#forgetUntil(second);
    if (this.#sum >= limit) return this.#wait(limit, second);
    this.#counts[second % seconds]!++;
    this.#sum++;
    return 0;
  }

  #forgetUntil(second: number): void {
    const passed = Math.min(second - this.#latest, seconds);
    for (let k = 1; k <= passed; k++) {
      const at = (this.#latest + k) % seconds;
      this.#sum -= this.#counts[at]!;
      this.#counts[at] = 0;
    }
    this.#latest = second;
  }

  /** Until so many of the oldest are more than a minute ago that one more may come. */
  #wait(limit: number, second: number): number {
    let left = this.#sum;
    for (let k = 1; k < seconds; k++) {
      left -= this.#counts[(second + k) % seconds]!;
      if (left < limit) return k;
    }
    return seconds;
  }
}
