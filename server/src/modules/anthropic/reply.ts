/** The reply of the Messages API: one message, or its stream of events. */
import type {
  Message as WireMessage,
  RawMessageStreamEvent,
  Usage as WireUsage,
} from "@anthropic-ai/sdk/resources/messages";
import type { AssistantBlock, ReplyEvent, StopReason, Usage } from "../../sessions/index.ts";
import type { CollectedReply } from "../turns/collect.ts";

type WireBlock = Extract<RawMessageStreamEvent, { type: "content_block_start" }>["content_block"];

export function toMessage(reply: CollectedReply): WireMessage {
  return {
    ...emptyMessage(reply),
    content: reply.content.map(toBlock),
    stop_reason: reply.stopReason,
    stop_sequence: reply.stopSequence,
    stop_details: stopDetails(reply.stopReason),
  };
}

/** One frame of the stream for each event; exactly one `message_start` and one `message_stop` in a whole reply. */
export function toFrames(event: ReplyEvent): string {
  switch (event.type) {
    case "start":
      return frame({ type: "message_start", message: emptyMessage(event) });
    case "block_start":
      return frame({ type: "content_block_start", index: event.index, content_block: openedBlock(event.block) });
    case "block_delta":
      return frame({ type: "content_block_delta", index: event.index, delta: toDelta(event.delta) });
    case "block_stop":
      return frame({ type: "content_block_stop", index: event.index });
    case "stop": {
      const { stopReason: stop_reason, stopSequence: stop_sequence } = event;
      const delta = { stop_reason, stop_sequence, stop_details: stopDetails(stop_reason), container: null };
      return frame({ type: "message_delta", delta, usage: toUsage(event.usage) }) + frame({ type: "message_stop" });
    }
  }
}

export const pingFrame = 'event: ping\ndata: {"type":"ping"}\n\n';

export function frame(event: RawMessageStreamEvent | { type: "error" }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Before its first word. What the CLI tells nothing of is null, as the API has it. */
const emptyMessage = ({ id, model, usage }: { id: string; model: string; usage: Usage }): WireMessage => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null,
  diagnostics: null,
  usage: toUsage(usage),
});

/** Why it refused is the model's own secret. */
const stopDetails = (reason: StopReason): WireMessage["stop_details"] =>
  reason === "refusal" ? { type: "refusal", category: null, explanation: null } : null;

function toBlock(block: AssistantBlock): WireBlock {
  switch (block.type) {
    case "text":
      return { ...block, citations: null };
    case "tool_use":
      return { ...block, caller: { type: "direct" } };
    case "thinking":
    case "redacted_thinking":
      return block;
  }
}

type BlockStart = Extract<ReplyEvent, { type: "block_start" }>["block"];

function openedBlock(block: BlockStart): WireBlock {
  switch (block.type) {
    case "text":
      return toBlock({ type: "text", text: "" });
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "redacted_thinking":
      return block;
    case "tool_use":
      return toBlock({ ...block, input: {} });
  }
}

type BlockDelta = Extract<ReplyEvent, { type: "block_delta" }>["delta"];
type WireDelta = Extract<RawMessageStreamEvent, { type: "content_block_delta" }>["delta"];

function toDelta(delta: BlockDelta): WireDelta {
  switch (delta.type) {
    case "text":
      return { type: "text_delta", text: delta.text };
    case "thinking":
      return { type: "thinking_delta", thinking: delta.thinking };
    case "signature":
      return { type: "signature_delta", signature: delta.signature };
    case "input_json":
      return { type: "input_json_delta", partial_json: delta.json };
  }
}

const toUsage = (usage: Usage): WireUsage => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.cacheCreationTokens,
  cache_read_input_tokens: usage.cacheReadTokens,
  output_tokens: usage.outputTokens,
  // The CLI does not tell them apart.
  cache_creation: null,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  inference_geo: null,
  speed: null,
});
