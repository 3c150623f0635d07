/**
 * Where a reply ends before the model does: at the client's `max_tokens`, and before the first of its stop sequences. The
 * CLI knows neither, so the text is cut on its way out.
 *
 * Only text is looked at, as the Messages API looks for stop sequences; thinking and calls pass. A sequence is found
 * within one block, however it was split over deltas. Tokens are an estimate of four characters (UTF-16 units) each: the
 * model's own tokenizer is not to be had.
 */
import type { ReplyEvent } from "../../sessions/index.ts";

const charactersPerToken = 4;

export const estimateTokens = (characters: number): number => Math.ceil(characters / charactersPerToken);

export interface Limits {
  /** At least 1. */
  maxTokens?: number | undefined;
  /** None is empty. */
  stopSequences?: readonly string[] | undefined;
}

export type Cut =
  | { stopReason: "max_tokens"; stopSequence: null }
  | { stopReason: "stop_sequence"; stopSequence: string };

type BlockStart = Extract<ReplyEvent, { type: "block_start" }>;

export class Limiter {
  readonly #sequences: readonly string[];
  /** Characters that may still be shown. */
  #room: number;
  /** The text block that is open. Its start waits for its first text, so that a cut leaves no empty block. */
  #text: { start: BlockStart; shown: boolean } | undefined;
  /** What may yet turn out to be the beginning of a sequence. */
  #held = "";
  #cut: Cut | null = null;

  constructor({ maxTokens, stopSequences = [] }: Limits) {
    this.#sequences = stopSequences;
    this.#room = maxTokens === undefined ? Infinity : maxTokens * charactersPerToken;
  }

  /** Why the reply ends here; its `stop` is then still to be sent, and no further event to be pushed. */
  get cut(): Cut | null {
    return this.#cut;
  }

  /** What is to be shown for an event. */
  push(event: ReplyEvent): ReplyEvent[] {
    if (event.type === "block_start" && event.block.type === "text") {
      this.#text = { start: event, shown: false };
      return [];
    }
    if (!this.#text) return [event];
    if (event.type === "block_delta" && event.delta.type === "text") return this.#extend(event.delta.text);
    if (event.type !== "block_stop") return [event];
    const rest = this.#show(this.#held);
    this.#held = "";
    if (this.#cut) return rest;
    const opening = this.#open();
    this.#text = undefined;
    return [...rest, ...opening, event];
  }

  #extend(delta: string): ReplyEvent[] {
    const text = this.#held + delta;
    const match = firstMatch(text, this.#sequences);
    const end = match ? match.at : text.length - unfinished(text, this.#sequences);
    this.#held = text.slice(end);
    const shown = this.#show(text.slice(0, end));
    if (!match || this.#cut) return shown;
    this.#cut = { stopReason: "stop_sequence", stopSequence: match.sequence };
    return [...shown, ...this.#close()];
  }

  #show(text: string): ReplyEvent[] {
    if (text === "" || !this.#text) return [];
    const fitting = text.length <= this.#room ? text : wholeCharacters(text, this.#room);
    this.#room -= fitting.length;
    const { index } = this.#text.start;
    const shown: ReplyEvent[] =
      fitting === "" ? [] : [...this.#open(), { type: "block_delta", index, delta: { type: "text", text: fitting } }];
    if (fitting.length === text.length) return shown;
    this.#cut = { stopReason: "max_tokens", stopSequence: null };
    return [...shown, ...this.#close()];
  }

  #open(): ReplyEvent[] {
    if (!this.#text || this.#text.shown) return [];
    this.#text.shown = true;
    return [this.#text.start];
  }

  #close(): ReplyEvent[] {
    return this.#text?.shown ? [{ type: "block_stop", index: this.#text.start.index }] : [];
  }
}

/** The match that is complete first, and of those that end together the longest, so that it does not depend on the deltas. */
function firstMatch(text: string, sequences: readonly string[]): { at: number; sequence: string } | null {
  let first: { at: number; sequence: string } | null = null;
  for (const sequence of sequences) {
    const at = text.indexOf(sequence);
    if (at === -1) continue;
    const later = first === null ? -1 : at + sequence.length - (first.at + first.sequence.length);
    if (first === null || later < 0 || (later === 0 && at < first.at)) first = { at, sequence };
  }
  return first;
}

/** How much of the end of a text is the beginning of a sequence. */
function unfinished(text: string, sequences: readonly string[]): number {
  let longest = 0;
  for (const sequence of sequences) {
    for (let length = Math.min(sequence.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(sequence.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** At most `length` units of a text, no surrogate pair torn apart. */
function wholeCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
