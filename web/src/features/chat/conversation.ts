/** A conversation with Lodge's own public API, as the page holds it: what was said, and what is being said. */

import type { AnsweredCall } from "./tools.ts";

export interface Picture {
  name: string;
  /** `image/png` and the like, or `application/pdf`. */
  mediaType: string;
  /** Base64. */
  data: string;
}

export interface Asked {
  role: "user";
  text: string;
  pictures: readonly Picture[];
}

/** What the model said before it asked for tools, and what it asked for. */
export interface Round {
  text: string;
  calls: readonly AnsweredCall[];
}

export interface Reply {
  role: "assistant";
  /** Those that are over; `text` is what came after the last. */
  rounds: readonly Round[];
  text: string;
  thinking: string;
  state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  /** Why it failed, in words for a person. */
  error?: string;
  facts: ReplyFacts;
}

/** What the reply's headers and its last events say of it. */
export interface ReplyFacts {
  /** How the session was come by: `x-lodge-session-source`. */
  source?: string;
  sessionId?: string;
  /** Milliseconds from the request to the first words, and to the end. */
  firstMs?: number;
  totalMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  stopReason?: string;
}

export type Entry = Asked | Reply;

export type Change =
  | { type: "asked"; at: number; text: string; pictures: readonly Picture[] }
  | { type: "answering"; at: number }
  | { type: "text" | "thinking"; piece: string }
  | { type: "round"; round: Round }
  | { type: "facts"; facts: ReplyFacts }
  | { type: "over"; state: "done" | "stopped" | "failed"; error?: string }
  | { type: "cleared" };

export function isAnswering(entries: readonly Entry[]): boolean {
  const last = entries.at(-1);
  return last?.role === "assistant" && (last.state === "waiting" || last.state === "streaming");
}

/**
 * `asked` puts a message at an index and drops what came after it: at the end it goes on, earlier it edits, and so forks.
 * `answering` begins the reply at an index in the same way: at the last reply's it is asked for once more.
 */
export function changed(entries: readonly Entry[], change: Change): readonly Entry[] {
  switch (change.type) {
    case "asked":
      return [...entries.slice(0, change.at), { role: "user", text: change.text, pictures: change.pictures }];
    case "answering":
      return [
        ...entries.slice(0, change.at),
        { role: "assistant", rounds: [], text: "", thinking: "", state: "waiting", facts: {} },
      ];
    case "cleared":
      return [];
    case "text":
      return withReply(entries, (reply) => ({ ...reply, state: "streaming", text: reply.text + change.piece }));
    case "thinking":
      return withReply(entries, (reply) => ({ ...reply, state: "streaming", thinking: reply.thinking + change.piece }));
    case "round": {
      const { round } = change;
      return withReply(entries, (reply) => ({
        ...reply,
        state: "waiting",
        rounds: [...reply.rounds, round],
        text: "",
      }));
    }
    case "facts":
      return withReply(entries, (reply) => {
        const facts = { ...reply.facts, ...change.facts };
        // The first words of an answer come once, however many requests it takes.
        if (reply.facts.firstMs !== undefined) facts.firstMs = reply.facts.firstMs;
        return { ...reply, facts };
      });
    case "over": {
      const { state, error } = change;
      return withReply(entries, (reply) => ({ ...reply, state, ...(error === undefined ? {} : { error }) }));
    }
  }
}

/** What comes late for a reply that is over, or gone, changes nothing. */
function withReply(entries: readonly Entry[], next: (reply: Reply) => Reply): readonly Entry[] {
  const last = entries.at(-1);
  if (last?.role !== "assistant" || !isAnswering(entries)) return entries;
  return [...entries.slice(0, -1), next(last)];
}
