/** A terminal without a program: what is written to it is all that ever shows. */
import type { TerminalSource } from "../../../terminals/index.ts";

const encoder = new TextEncoder();

export class LogSource implements TerminalSource {
  readonly size = { cols: 120, rows: 40 };
  #listener: ((bytes: Uint8Array) => void) | undefined;

  onOutput(listener: (bytes: Uint8Array) => void): Disposable {
    this.#listener = listener;
    return {
      [Symbol.dispose]: () => {
        this.#listener = undefined;
      },
    };
  }

  write(text: string): void {
    if (text !== "") this.#listener?.(encoder.encode(text));
  }
}
