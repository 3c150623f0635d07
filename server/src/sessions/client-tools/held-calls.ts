/**
 * Where the CLI's call of a tool and the client's result for it meet, by the call's id, whichever comes first: the CLI
 * may begin a call only when another one is over, and the result of both may be there before. Each call is answered once.
 */
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";

export class HeldCalls {
  /** Calls that wait for their result. */
  readonly #waiting = new Map<string, (result: CallToolResult) => void>();
  /** Results that wait for their call. */
  readonly #early = new Map<string, CallToolResult>();

  /** How many calls wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The CLI makes the call; resolves with its result, however long that takes. */
  arrive(id: string, signal: AbortSignal): Promise<CallToolResult> {
    const early = this.#early.get(id);
    if (early) {
      this.#early.delete(id);
      return Promise.resolve(early);
    }
    const { promise, resolve } = Promise.withResolvers<CallToolResult>();
    this.#waiting.set(id, resolve);
    // Nobody reads the answer to a call that was given up.
    signal.addEventListener("abort", () => this.#settle(id, givenUp), { once: true });
    return promise;
  }

  /** A second answer to a call that had one reaches nobody, and is forgotten with the turn. */
  answer(id: string, result: CallToolResult): void {
    if (!this.#settle(id, result)) this.#early.set(id, result);
  }

  /** The turn is over: what it left behind is of no use to the next. */
  clear(): void {
    for (const id of this.#waiting.keys()) this.#settle(id, givenUp);
    this.#early.clear();
  }

  #settle(id: string, result: CallToolResult): boolean {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(result);
    return resolve !== undefined;
  }
}

const givenUp: CallToolResult = { content: [{ type: "text", text: "The call was given up." }], isError: true };
