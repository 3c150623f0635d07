import type {
  ContentBlock,
  Message,
  RawContentBlockDelta,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";
import type { Block, BrokenPlan, MessagePlan } from "./plan.ts";
import { outputTokens, usageOf } from "./usage.ts";

/** One step of a reply: an event to send, or a time to wait. */
export type Beat =
  | { readonly event: RawMessageStreamEvent | { readonly type: "ping" } | ErrorEvent }
  | { readonly pauseMs: number };

interface ErrorEvent {
  readonly type: "error";
  readonly error: { readonly type: string; readonly message: string };
}

export interface Envelope {
  readonly model: string;
  readonly inputTokens: number;
}

/** Pieces of a tool's input, so that a client must put them together. */
const JSON_PIECE_CHARACTERS = 24;

/** The reply as the real API streams it. Lazy: a long answer is cut into words only as fast as it is read. */
export function* beatsOf(plan: MessagePlan, envelope: Envelope): Generator<Beat> {
  const opening = {
    ...finished(plan, envelope),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
  yield { event: { type: "message_start", message: { ...opening, usage: usageOf(inputOf(plan, envelope), [], 1) } } };
  yield { event: { type: "ping" } };
  for (const [index, block] of plan.blocks.entries()) {
    yield { event: { type: "content_block_start", index, content_block: emptied(block) } };
    let first = true;
    for (const delta of deltasOf(block)) {
      if (!first && block.type === "text" && block.pauseMs !== undefined) yield { pauseMs: block.pauseMs };
      yield { event: { type: "content_block_delta", index, delta } };
      first = false;
    }
    yield { event: { type: "content_block_stop", index } };
  }
  const { stop_reason, stop_sequence, stop_details, usage } = finished(plan, envelope);
  yield {
    event: { type: "message_delta", delta: { container: null, stop_reason, stop_sequence, stop_details }, usage },
  };
  yield { event: { type: "message_stop" } };
}

/** As much of the reply as there is before its first block ends, and what it ends in. */
export function* brokenBeatsOf({ message, failure }: BrokenPlan, envelope: Envelope): Generator<Beat> {
  for (const beat of beatsOf(message, envelope)) {
    if ("event" in beat && beat.event.type === "content_block_stop") break;
    yield beat;
  }
  if (failure) yield { event: { type: "error", error: { type: failure.type, message: failure.message } } };
}

/** The reply in one piece. */
export function finished(plan: MessagePlan, envelope: Envelope): Message {
  return {
    id: `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    type: "message",
    role: "assistant",
    model: envelope.model,
    container: null,
    diagnostics: null,
    content: plan.blocks.map(whole),
    stop_reason: plan.stopReason,
    stop_sequence: plan.stopSequence,
    stop_details:
      plan.stopReason === "refusal" ? { type: "refusal", category: null, explanation: "A scripted refusal." } : null,
    usage: usageOf(inputOf(plan, envelope), plan.blocks, outputTokens(plan.blocks)),
  };
}

const inputOf = ({ cached = false }: MessagePlan, { inputTokens: tokens }: Envelope) => ({ tokens, cached });

/** How long a reply that is not streamed keeps its client waiting, so that `slow` is as slow either way. */
export function totalPause(plan: MessagePlan): number {
  let total = 0;
  for (const block of plan.blocks) {
    if (block.type === "text" && block.pauseMs !== undefined) total += (wordsOf(block.text).length - 1) * block.pauseMs;
  }
  return total;
}

function whole(block: Block): ContentBlock {
  if (block.type === "text") return { type: "text", text: block.text, citations: null };
  if (block.type === "thinking") return { type: "thinking", thinking: block.thinking, signature: block.signature };
  if (block.type === "redacted_thinking") return { type: "redacted_thinking", data: block.data };
  return { type: "tool_use", id: block.id, name: block.name, input: block.input, caller: { type: "direct" } };
}

function emptied(block: Block): ContentBlock {
  if (block.type === "text") return whole({ ...block, text: "" });
  if (block.type === "thinking") return whole({ ...block, thinking: "", signature: "" });
  if (block.type === "redacted_thinking") return whole(block);
  return whole({ ...block, input: {} });
}

function* deltasOf(block: Block): Generator<RawContentBlockDelta> {
  switch (block.type) {
    case "text":
      for (const [text] of block.text.matchAll(block.text.length > LONG_CHARACTERS ? PIECE : WORD))
        yield { type: "text_delta", text };
      return;
    case "thinking":
      for (const [thinking] of block.thinking.matchAll(WORD)) yield { type: "thinking_delta", thinking };
      yield { type: "signature_delta", signature: block.signature };
      return;
    case "redacted_thinking":
      // It comes whole with its start.
      return;
    case "tool_use": {
      const json = JSON.stringify(block.input);
      for (let at = 0; at < json.length; at += JSON_PIECE_CHARACTERS) {
        yield { type: "input_json_delta", partial_json: json.slice(at, at + JSON_PIECE_CHARACTERS) };
      }
    }
  }
}

/** From here on a delta a word would be a hundred thousand deltas, and the client's time is what it costs. */
const LONG_CHARACTERS = 50_000;
const PIECE = /[\s\S]{1,1000}/gu;

/** A word with the white space before it; a very long one comes in pieces, which never cut a character in two. */
const WORD = /\s*\S{1,200}|\s+$/gu;

const wordsOf = (text: string): string[] => text.match(WORD) ?? [];
