/** Bounds what is kept of a log: the oldest events go first. */
export class BoundedLog {
  readonly #maxEvents: number;
  readonly #maxCharacters: number;
  readonly #kept: { id: number; size: number }[] = [];
  #size = 0;

  constructor(maxEvents: number, maxCharacters: number) {
    this.#maxEvents = maxEvents;
    this.#maxCharacters = maxCharacters;
  }

  /** Counts one more; returns the last of those that must go for it, if any must. */
  add(id: number, size: number): number | undefined {
    this.#kept.push({ id, size });
    this.#size += size;
    let last: number | undefined;
    while (this.#size > this.#maxCharacters || this.#kept.length > this.#maxEvents) {
      const gone = this.#kept.shift();
      if (!gone) break;
      this.#size -= gone.size;
      last = gone.id;
    }
    return last;
  }
}
