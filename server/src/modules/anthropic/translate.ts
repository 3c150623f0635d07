/** Between the Messages API's wire and a turn: requests in, one message or its stream of events out. */
import type {
  Message as WireMessage,
  RawMessageStreamEvent,
  Usage as WireUsage,
} from "@anthropic-ai/sdk/resources/messages";
import { ApiError } from "../../http/errors.ts";
import type { AssistantBlock, Message, ReplyEvent, ToolChoice, Usage, UserBlock } from "../../sessions/index.ts";
import type { CollectedReply } from "../turns/collect.ts";
import type { AskedFormat } from "../turns/format.ts";
import type { MediaBlock } from "../turns/media/blocks.ts";
import type { FamilyRequest } from "../turns/turns.ts";
import { parseMedia } from "./media.ts";
import type { CountRequest, MessagesRequest } from "./model.ts";
import { ignoredThinking, parseThinking } from "./thinking.ts";

/** Accepted, without effect on what the CLI sends. */
const withoutEffect = ["temperature", "top_p", "top_k"] as const;

/** @throws ApiError */
export function parseRequest(body: CountRequest): FamilyRequest {
  if (body.thread != null) throw noThreads();
  return {
    model: body.model,
    system: body.system?.map((block) => block.text).join("\n\n"),
    messages: body.messages
      .map((message, index) => parseMessage(message, `messages.${index}`))
      .filter(({ content }) => content.length > 0),
    ...parseTools(body),
    outputFormat: parseFormat(body),
    live: body.stream ?? false,
    maxTokens: body.max_tokens,
    stopSequences: body.stop_sequences,
    ...parseThinking(body),
    ignored: [...withoutEffect.filter((name) => body[name] !== undefined), ...ignoredThinking(body)],
  };
}

/** The package's own tool runner asks for a thread first, and on this answer sends its history instead. */
const noThreads = () =>
  new ApiError("invalid_request", "thread: conversations are not held for clients; send the whole history each time.", {
    param: "thread",
    reason: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
  });

function parseTools({ tools, tool_choice: choice }: CountRequest): Partial<FamilyRequest> {
  return {
    tools: tools?.map(({ name, description, input_schema: inputSchema }) => ({
      name,
      ...(description === undefined ? {} : { description }),
      inputSchema,
    })),
    ...(choice === undefined ? {} : { toolChoice: parseChoice(choice) }),
    parallelToolCalls: choice === undefined || choice.type === "none" || choice.disable_parallel_tool_use !== true,
  };
}

function parseFormat({ output_config: config, output_format: older }: CountRequest): AskedFormat | undefined {
  const newer = config?.format;
  if (newer != null && older != null) {
    const message =
      "output_format: it is the older name of output_config.format, which is given too. Send one of them.";
    throw new ApiError("invalid_request", message, { param: "output_format" });
  }
  const format = newer ?? older;
  if (format == null) return undefined;
  const field = newer == null ? "output_format.schema" : "output_config.format.schema";
  return { schema: format.schema, strict: true, field };
}

function parseChoice(choice: NonNullable<MessagesRequest["tool_choice"]>): ToolChoice {
  switch (choice.type) {
    case "auto":
    case "none":
      return { type: choice.type };
    case "any":
      return { type: "required" };
    case "tool":
      return { type: "tool", name: choice.name };
  }
}

/** @param field where it stands in the request */
function parseMessage(message: MessagesRequest["messages"][number], field: string): Message {
  if (message.role === "assistant") return { role: "assistant", content: message.content.map(parseAssistantBlock) };
  if (message.role === "system") return { role: "user", content: message.content.flatMap(parseNotice) };
  return {
    role: "user",
    content: message.content.map((block, index) => parseUserBlock(block, `${field}.content.${index}`)),
  };
}

type WireUserBlock = Extract<MessagesRequest["messages"][number], { role: "user" }>["content"][number];
type WireAssistantBlock = Extract<MessagesRequest["messages"][number], { role: "assistant" }>["content"][number];

/**
 * The CLI has no place for another's system messages in the middle: they are said on the user's side, where they stand, and
 * marked as the CLI marks its own notices there.
 */
const parseNotice = (block: { type: string; text?: unknown }): UserBlock[] =>
  block.type === "text" && typeof block.text === "string"
    ? [{ type: "text", text: `<system-reminder>\n${block.text}\n</system-reminder>` }]
    : [];

/** Only the known fields go on: `cache_control` and its kind are the CLI's own affair. */
function parseUserBlock(block: WireUserBlock, field: string): UserBlock {
  if (block.type !== "tool_result") return parseContentBlock(block, field);
  const { content = [] } = block;
  return {
    type: "tool_result",
    tool_use_id: block.tool_use_id,
    content:
      typeof content === "string"
        ? [{ type: "text", text: content }]
        : content.map((part, index) => parseContentBlock(part, `${field}.content.${index}`)),
    is_error: block.is_error ?? false,
  };
}

const parseContentBlock = (block: Exclude<WireUserBlock, { type: "tool_result" }>, field: string): MediaBlock =>
  block.type === "text" ? { type: "text", text: block.text } : parseMedia(block, field);

function parseAssistantBlock(block: WireAssistantBlock): AssistantBlock {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "thinking":
      return { type: "thinking", thinking: block.thinking, signature: block.signature };
    case "redacted_thinking":
      return { type: "redacted_thinking", data: block.data };
    case "tool_use":
      return { type: "tool_use", id: block.id, name: block.name, input: block.input };
  }
}

export function toMessage(reply: CollectedReply) {
  return {
    id: reply.id,
    type: "message",
    role: "assistant",
    model: reply.model,
    content: reply.content,
    stop_reason: reply.stopReason,
    stop_sequence: reply.stopSequence,
    usage: toUsage(reply.usage),
  };
}

/** One frame of the stream for each event; exactly one `message_start` and one `message_stop` in a whole reply. */
export function toFrames(event: ReplyEvent): string {
  switch (event.type) {
    case "start":
      return frame({
        type: "message_start",
        message: {
          id: event.id,
          type: "message",
          role: "assistant",
          model: event.model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: toUsage(event.usage),
        } as unknown as WireMessage,
      });
    case "block_start":
      return frame({ type: "content_block_start", index: event.index, content_block: toBlock(event.block) });
    case "block_delta":
      return frame({ type: "content_block_delta", index: event.index, delta: toDelta(event.delta) });
    case "block_stop":
      return frame({ type: "content_block_stop", index: event.index });
    case "stop":
      return (
        frame({
          type: "message_delta",
          delta: { stop_reason: event.stopReason, stop_sequence: event.stopSequence },
          usage: toUsage(event.usage),
        } as RawMessageStreamEvent) + frame({ type: "message_stop" })
      );
  }
}

export const pingFrame = 'event: ping\ndata: {"type":"ping"}\n\n';

export function frame(event: RawMessageStreamEvent | { type: "error" }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

type BlockStart = Extract<ReplyEvent, { type: "block_start" }>["block"];
type WireBlock = Extract<RawMessageStreamEvent, { type: "content_block_start" }>["content_block"];

function toBlock(block: BlockStart): WireBlock {
  switch (block.type) {
    case "text":
      return { type: "text", text: "", citations: null };
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "redacted_thinking":
      return block;
    case "tool_use":
      return { ...block, input: {} } as WireBlock;
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

const toUsage = (
  usage: Usage,
): Pick<WireUsage, "input_tokens" | "output_tokens" | "cache_read_input_tokens" | "cache_creation_input_tokens"> => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.cacheCreationTokens,
  cache_read_input_tokens: usage.cacheReadTokens,
  output_tokens: usage.outputTokens,
});
