/** Counts the tokens of a turn as it goes, for when it comes to no result that would report them. */
import { addUsage, noUsage, type SessionEvent, type Usage } from "./events.ts";

/** The model's own tokenizer is not to be had: an estimate, in UTF-16 units. */
export const charactersPerToken = 4;

export const estimateTokens = (characters: number): number => Math.ceil(characters / charactersPerToken);

export class Meter {
  /** Of the model calls that are over. */
  #before = noUsage;
  /** Of the one under way, as it was reported at its beginning. */
  #current = noUsage;
  /** Characters of its output so far. */
  #characters = 0;

  push(event: SessionEvent): void {
    switch (event.type) {
      case "message_start":
        // One that broke off before was called, and answered, all the same.
        this.#begin(this.usage, event.usage);
        break;
      case "message_stop":
        this.#begin(addUsage(this.#before, event.usage), noUsage);
        break;
      case "block_delta":
        this.#characters += lengthOf(event.delta);
        break;
      default:
        break;
    }
  }

  /** Exact for the calls that are over; for the one under way its output is estimated. */
  get usage(): Usage {
    const outputTokens = Math.max(this.#current.outputTokens, estimateTokens(this.#characters));
    return addUsage(this.#before, { ...this.#current, outputTokens });
  }

  #begin(before: Usage, current: Usage): void {
    this.#before = before;
    this.#current = current;
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
