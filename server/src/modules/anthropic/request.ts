/** From a request of the Messages API to what a turn needs. */
import { ApiError } from "../../http/errors.ts";
import { asReminder, type AssistantBlock, type Message, type UserBlock } from "../../sessions/index.ts";
import type { AskedFormat } from "../turns/format.ts";
import type { MediaBlock } from "../turns/media/blocks.ts";
import type { FamilyRequest } from "../turns/turns.ts";
import { ignoredFields } from "./ignored.ts";
import { parseMedia } from "./media.ts";
import type { CountRequest, MessagesRequest } from "./model.ts";
import { parseThinking } from "./thinking.ts";
import { parseTools } from "./tools.ts";

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
    stopSequences: body.stop_sequences ?? undefined,
    ...parseThinking(body),
    ignored: ignoredFields(body),
  };
}

/** The package's own tool runner asks for a thread first, and on this answer sends its history instead. */
const noThreads = () =>
  new ApiError("invalid_request", "thread: conversations are not held for clients; send the whole history each time.", {
    param: "thread",
    reason: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
  });

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

/** @param field where it stands in the request */
function parseMessage(message: MessagesRequest["messages"][number], field: string): Message {
  if (message.role === "assistant") return { role: "assistant", content: message.content.flatMap(parseAssistantBlock) };
  if (message.role === "system") return { role: "user", content: (message.content ?? []).flatMap(parseNotice) };
  return {
    role: "user",
    content: message.content.map((block, index) => parseUserBlock(block, `${field}.content.${index}`)),
  };
}

type WireNotice = NonNullable<Extract<MessagesRequest["messages"][number], { role: "system" }>["content"]>[number];
type WireUserBlock = Extract<MessagesRequest["messages"][number], { role: "user" }>["content"][number];
type WireAssistantBlock = Extract<MessagesRequest["messages"][number], { role: "assistant" }>["content"][number];

/**
 * The CLI has no place for another's system messages in the middle: they are said on the user's side, where they stand, and
 * marked as the CLI marks its own notices there.
 */
const parseNotice = (block: WireNotice): UserBlock[] =>
  block.type === "text" ? [{ type: "text", text: asReminder(block.text) }] : [];

/** Only the known fields go on: `cache_control` and its kind are the CLI's own affair. */
function parseUserBlock(block: WireUserBlock, field: string): UserBlock {
  if (block.type !== "tool_result") return parseContentBlock(block, field);
  const { content } = block;
  return {
    type: "tool_result",
    tool_use_id: block.tool_use_id,
    content:
      typeof content === "string"
        ? [{ type: "text", text: content }]
        : (content ?? []).map((part, index) => parseContentBlock(part, `${field}.content.${index}`)),
    is_error: block.is_error ?? false,
  };
}

type WireResult = Extract<WireUserBlock, { type: "tool_result" }>;
type WireContentBlock =
  | Exclude<WireUserBlock, WireResult>
  | Exclude<WireResult["content"], string | null | undefined>[number];

function parseContentBlock(block: WireContentBlock, field: string): MediaBlock {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "search_result":
      return {
        type: "text",
        text: [block.title, block.source, "", ...block.content.map((part) => part.text)].join("\n"),
      };
    case "tool_reference":
      return { type: "text", text: `There is a tool ${JSON.stringify(block.tool_name)}.` };
    case "image":
    case "document":
      return parseMedia(block, field);
  }
}

function parseAssistantBlock(block: WireAssistantBlock): AssistantBlock[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "thinking":
      return [{ type: "thinking", thinking: block.thinking, signature: block.signature }];
    case "redacted_thinking":
      return [{ type: "redacted_thinking", data: block.data }];
    case "tool_use":
      return [{ type: "tool_use", id: block.id, name: block.name, input: block.input }];
    case "hosted":
      return [];
  }
}
