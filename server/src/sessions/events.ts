/**
 * What a session says during a turn: one union for both drivers. A driver that sees tokens sends blocks in pieces; one
 * that sees whole records sends each block as one piece.
 *
 * A turn is one or more model messages (`message_start` … `message_stop`), with tool results between them, and ends
 * with exactly one `result`. Failures are thrown as `SessionError` instead. Where the model calls tools of the client, what
 * one request gets of the turn ends in `calls_held`, and the request that brings the results gets the rest.
 */
import type { AssistantBlock, ToolResultBlock, ToolUseBlock } from "./conversation.ts";

/** Tokens, as the Messages API counts them. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheCreationTokens: number;
}

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => combineUsage(a, b, (x, y) => x + y);

/** What is left of a total; never less than nothing, whichever of the two was counted wrong. */
export const subtractUsage = (total: Usage, part: Usage): Usage =>
  combineUsage(total, part, (x, y) => Math.max(0, x - y));

function combineUsage(a: Usage, b: Usage, combine: (x: number, y: number) => number): Usage {
  return {
    inputTokens: combine(a.inputTokens, b.inputTokens),
    outputTokens: combine(a.outputTokens, b.outputTokens),
    cacheReadTokens: combine(a.cacheReadTokens, b.cacheReadTokens),
    cacheCreationTokens: combine(a.cacheCreationTokens, b.cacheCreationTokens),
  };
}

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

export type BlockStart =
  | { type: "text" }
  | { type: "thinking" }
  | { type: "redacted_thinking"; data: string }
  | { type: "tool_use"; id: string; name: string };

export type BlockDelta =
  | { type: "text"; text: string }
  | { type: "thinking"; thinking: string }
  | { type: "signature"; signature: string }
  | { type: "input_json"; json: string };

/** The turn is under way in this session. Sent once, first. */
export interface StartedEvent {
  type: "started";
  sessionId: string;
  /** The model's full name, resolved from aliases. */
  model: string;
  tools: string[];
}

export type SessionEvent =
  | StartedEvent
  | { type: "message_start"; id: string; model: string; usage: Usage }
  /**
   * `index` counts blocks within one model message. `byClient`: a call that the client is to make. `refusal`: text that stands
   * in the place of a document, see structured.ts.
   */
  | { type: "block_start"; index: number; block: BlockStart; byClient?: boolean; refusal?: boolean }
  | { type: "block_delta"; index: number; delta: BlockDelta }
  | { type: "block_stop"; index: number }
  | { type: "message_stop"; stopReason: StopReason; stopSequence: string | null; usage: Usage }
  /** Blocks that are complete, with their place in the transcript; repeats what the deltas said. */
  | { type: "assistant"; uuid: string; content: AssistantBlock[] }
  | { type: "tool_result"; uuid: string; result: ToolResultBlock }
  /** The CLI will try the Messages API again by itself. */
  | { type: "retry"; attempt: number; delayMs: number; status: number | null }
  | CallsHeldEvent
  | ResultEvent;

/** The turn waits for the client's results; the last event that this request gets of it. */
export interface CallsHeldEvent {
  type: "calls_held";
  calls: ToolUseBlock[];
  /** Of the model calls since the request came, summed. */
  usage: Usage;
}

export interface ResultEvent {
  type: "result";
  sessionId: string;
  stopReason: StopReason;
  stopSequence: string | null;
  /** The text of the last message. */
  text: string;
  /** Of this turn alone, all its model calls summed. */
  usage: Usage;
  /** Of this turn alone, in US dollars. */
  costUsd: number;
  durationMs: number;
  /** Calls of the model in this turn. */
  modelCalls: number;
  /** Tokens that the model can be given and give in one call, where the CLI says so. */
  contextWindow?: number;
  /** The CLI's own result message, unchanged: what it reports beyond this. Totals in it run over the whole session. */
  raw: Readonly<Record<string, unknown>>;
}
