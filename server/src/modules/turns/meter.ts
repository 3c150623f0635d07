/** Counts the tokens of a turn that will not be heard to its end, where the CLI would report them. */
import { addUsage, noUsage, type SessionEvent, type Usage } from "../../sessions/index.ts";
import { estimateTokens } from "./limits.ts";

export class Meter {
  /** Of the model calls that are over. */
  #before = noUsage;
  /** Of the one under way, as it was reported at its beginning. */
  #current = noUsage;
  /** Characters of its output so far. */
  #characters = 0;

  push(event: SessionEvent): void {
    if (event.type === "message_start") this.#begin(event.usage);
    if (event.type === "message_stop") {
      this.#before = addUsage(this.#before, event.usage);
      this.#begin(noUsage);
    }
    if (event.type === "block_delta") this.#characters += lengthOf(event.delta);
  }

  /** Exact for the calls that are over; for the one under way its output is estimated. */
  get usage(): Usage {
    const outputTokens = Math.max(this.#current.outputTokens, estimateTokens(this.#characters));
    return addUsage(this.#before, { ...this.#current, outputTokens });
  }

  #begin(usage: Usage): void {
    this.#current = usage;
    this.#characters = 0;
  }
}

function lengthOf(delta: Extract<SessionEvent, { type: "block_delta" }>["delta"]): number {
  switch (delta.type) {
    case "text":
      return delta.text.length;
    case "thinking":
      return delta.thinking.length;
    case "input_json":
      return delta.json.length;
    case "signature":
      return 0;
  }
}
