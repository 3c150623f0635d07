/**
 * Who works in which workspace at this moment. A run has its workspace to itself; jobs share one up to a limit. Taken
 * without waiting for anything, so that two who come at once never both get it.
 */

interface Holding {
  exclusive: boolean;
  count: number;
}

/** The right to work in a workspace. Disposing of it more than once does nothing. */
export interface Claim extends Disposable {
  /** Takes another workspace with it, such as what a link turned out to stand for; false when that one is not free. */
  also(workspace: string): boolean;
}

export class Claims {
  readonly #held = new Map<string, Holding>();
  readonly #onRelease: (workspace: string) => void;

  /** @param onRelease told when somebody is through with a workspace */
  constructor(onRelease: (workspace: string) => void = () => {}) {
    this.#onRelease = onRelease;
  }

  /** The workspaces that somebody works in. */
  get busy(): string[] {
    return [...this.#held.keys()];
  }

  canShare(workspace: string, limit: number): boolean {
    const holding = this.#held.get(workspace);
    return holding === undefined || (!holding.exclusive && holding.count < limit);
  }

  /** For one alone; null when anybody is there. */
  exclusive(workspace: string): Claim | null {
    return this.#claim(workspace, (name) => this.#takeExclusive(name));
  }

  /** For up to `limit` together; null when as many are there, or one who has it to himself. */
  shared(workspace: string, limit: number): Claim | null {
    return this.#claim(workspace, (name) => this.#takeShared(name, limit));
  }

  #claim(workspace: string, take: (name: string) => boolean): Claim | null {
    if (!take(workspace)) return null;
    const taken = new Set([workspace]);
    let released = false;
    return {
      also: (other) => {
        if (taken.has(other)) return true;
        if (released || !take(other)) return false;
        taken.add(other);
        return true;
      },
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        for (const name of taken) this.#release(name);
        for (const name of taken) this.#onRelease(name);
      },
    };
  }

  #takeExclusive(workspace: string): boolean {
    if (this.#held.has(workspace)) return false;
    this.#held.set(workspace, { exclusive: true, count: 1 });
    return true;
  }

  #takeShared(workspace: string, limit: number): boolean {
    if (!this.canShare(workspace, limit)) return false;
    const count = (this.#held.get(workspace)?.count ?? 0) + 1;
    this.#held.set(workspace, { exclusive: false, count });
    return true;
  }

  #release(workspace: string): void {
    const holding = this.#held.get(workspace);
    if (holding === undefined) return;
    holding.count--;
    if (holding.count === 0) this.#held.delete(workspace);
  }
}
