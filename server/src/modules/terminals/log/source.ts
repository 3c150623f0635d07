/**
 * A terminal without a program: what is written to it is all that ever shows. It is shown once others have had their turn:
 * a client that waits for the first word of its reply comes before those who look over its shoulder.
 */
import type { TerminalSource } from "../../../terminals/index.ts";

const encoder = new TextEncoder();

export class LogSource implements TerminalSource {
  readonly size = { cols: 120, rows: 40 };
  #listener: ((bytes: Uint8Array) => void) | undefined;
  /** Bounded, since it waits no longer than for what else is due now. */
  readonly #waiting: (() => string)[] = [];
  #immediate: NodeJS.Immediate | undefined;

  onOutput(listener: (bytes: Uint8Array) => void): Disposable {
    this.#listener = listener;
    return {
      [Symbol.dispose]: () => {
        this.#listener = undefined;
      },
    };
  }

  /** @param render called when it is shown, in the order of the writes */
  write(render: () => string): void {
    this.#waiting.push(render);
    this.#immediate ??= setImmediate(() => this.flush());
  }

  /** Shows what waits, as before the end. */
  flush(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const text = this.#waiting
      .splice(0)
      .map((render) => render())
      .join("");
    if (text !== "") this.#listener?.(encoder.encode(text));
  }
}
