/**
 * Whether a turn gets anywhere, told from the screen: a long reply is in no record until it is complete. What moves
 * while nothing happens (the spinner, its clock, hints) does not count.
 */
import type { Clock } from "../../clock.ts";
import type { Screen } from "./screen.ts";

/** Milliseconds between two looks. */
const intervalMs = 1000;

export class ActivityGauge implements Disposable {
  readonly #stack = new DisposableStack();
  #pending: Disposable | undefined;
  #before = "";

  constructor(screen: Screen, clock: Clock, onActivity: () => void) {
    const look = () => {
      this.#pending = undefined;
      const now = progressOf(screen.lines);
      if (now === this.#before) return;
      this.#before = now;
      onActivity();
    };
    this.#stack.use(
      screen.onChange(() => {
        this.#pending ??= clock.after(intervalMs, look);
      }),
    );
    this.#stack.defer(() => this.#pending?.[Symbol.dispose]());
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** What has been said so far: the lines of the conversation, and of the spinner only its count of tokens. */
export function progressOf(lines: readonly string[]): string {
  const end = lines.findLastIndex((line) => /^─{10}/.test(line));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => (line.includes("…") ? (/[↑↓]\s*[\d.]+k?/.exec(line)?.[0] ?? "") : line))
    .join("\n");
}
