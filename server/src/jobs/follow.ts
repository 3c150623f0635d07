/** Reads a log while it is being written: what is there, then what comes, until its end. */

export interface Log<E extends { id: number }> {
  /** Resolves when something has happened; with false when there is nothing to wait for any more. */
  change(): Promise<boolean>;
  /** Whether nothing more comes. An end that is seen has all of its events before it. */
  isOver(): boolean;
  /** Those after one, the oldest first. */
  after(id: number, limit: number): E[];
}

/** Events read at one time; the rest when these are out. */
const batch = 200;

/** @param after the last one that the reader has */
export async function* follow<E extends { id: number }>(log: Log<E>, after: number): AsyncGenerator<E> {
  let last = after;
  for (;;) {
    // Asked for before reading, so that nothing falls between the two.
    const change = log.change();
    const over = log.isOver();
    const found = log.after(last, batch);
    for (const event of found) {
      last = event.id;
      yield event;
    }
    if (found.length > 0) continue;
    if (over || !(await change)) return;
  }
}
