/**
 * Where a reply ends before the model does: at the client's `max_tokens`, and before the first of its stop sequences. The
 * CLI knows neither, so the text is cut on its way out.
 *
 * Only text is looked at, as the Messages API looks for stop sequences; thinking and calls pass. A sequence is found
 * however it was split over deltas, and over blocks of text with nothing between them, which clients read as one. Tokens
 * are an estimate of four characters (UTF-16 units) each: the model's own tokenizer is not to be had.
 */
import { charactersPerToken, type ReplyEvent } from "../../sessions/index.ts";

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
  /** Text that may yet turn out to be the beginning of a sequence, with the ends and beginnings of blocks within it. */
  #waiting: ReplyEvent[] = [];
  /** Whether what comes is in a block of text. */
  #inText = false;
  /** The text block that is shown. Its start waits for its first text, so that a cut leaves no empty block. */
  #block: { start: BlockStart; shown: boolean } | undefined;
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
    if (event.type === "block_start" && event.block.type === "text") this.#inText = true;
    else if (!this.#inText) {
      const rest = this.#release(Infinity);
      return this.#cut ? rest : [...rest, event];
    }
    if (event.type === "block_stop") this.#inText = false;
    this.#wait(event);

    const text = this.#waiting.map(textOf).join("");
    const match = firstMatch(text, this.#sequences);
    if (!match) return this.#release(text.length - unfinished(text, this.#sequences));
    const shown = this.#release(match.at);
    if (this.#cut) return shown;
    this.#cut = { stopReason: "stop_sequence", stopSequence: match.sequence };
    return [...shown, ...this.#close()];
  }

  /** Text of one block that waits is one event. */
  #wait(event: ReplyEvent): void {
    const last = this.#waiting.at(-1);
    const text = textOf(event);
    if (text === "" || last?.type !== "block_delta") this.#waiting.push(event);
    else this.#waiting[this.#waiting.length - 1] = delta(last.index, textOf(last) + text);
  }

  /** Shows so many characters of what waits, and the ends and beginnings of blocks up to the next. */
  #release(characters: number): ReplyEvent[] {
    const shown: ReplyEvent[] = [];
    let left = characters;
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) {
      if (event.type === "block_start") this.#block = { start: event, shown: false };
      else if (event.type === "block_stop") {
        shown.push(...this.#open(), event);
        this.#block = undefined;
      } else if (event.type === "block_delta") {
        const text = textOf(event);
        if (text.length > left) this.#waiting.unshift(delta(event.index, text.slice(left)));
        shown.push(...this.#show(event.index, text.slice(0, left)));
        if (text.length > left || this.#cut) break;
        left -= text.length;
      }
    }
    return shown;
  }

  #show(index: number, text: string): ReplyEvent[] {
    const fitting = text.length <= this.#room ? text : wholeCharacters(text, this.#room);
    this.#room -= fitting.length;
    const shown = fitting === "" ? [] : [...this.#open(), delta(index, fitting)];
    if (fitting.length === text.length) return shown;
    this.#cut = { stopReason: "max_tokens", stopSequence: null };
    return [...shown, ...this.#close()];
  }

  #open(): ReplyEvent[] {
    if (!this.#block || this.#block.shown) return [];
    this.#block.shown = true;
    return [this.#block.start];
  }

  #close(): ReplyEvent[] {
    return this.#block?.shown ? [{ type: "block_stop", index: this.#block.start.index }] : [];
  }
}

const delta = (index: number, text: string): ReplyEvent => ({
  type: "block_delta",
  index,
  delta: { type: "text", text },
});

const textOf = (event: ReplyEvent): string =>
  event.type === "block_delta" && event.delta.type === "text" ? event.delta.text : "";

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
