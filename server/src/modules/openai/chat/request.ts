/** From a request of Chat Completions to what a turn needs. */
import { asReminder, type AssistantBlock, type Message, parseInput } from "../../../sessions/index.ts";
import type { AskedFormat } from "../../turns/format.ts";
import { type MediaBlock, referredBlock } from "../../turns/media/blocks.ts";
import { openaiEffort } from "../../turns/thinking.ts";
import type { FamilyRequest } from "../../turns/turns.ts";
import { customInput } from "../custom/tool.ts";
import { anyObject, askedFormat } from "../format.ts";
import type { ChatRequest, ContentPart } from "./model.ts";
import type { WireCall } from "./tools-model.ts";
import { parseTools } from "./tools.ts";

/** Accepted, without effect on what the CLI sends, each with what counts as not asked for. */
const withoutEffect: Record<string, readonly unknown[]> = {
  temperature: [],
  top_p: [],
  presence_penalty: [],
  frequency_penalty: [],
  logit_bias: [],
  seed: [],
  service_tier: ["auto", "default"],
  verbosity: ["medium"],
  prediction: [],
  web_search_options: [],
};

export function parseRequest(body: ChatRequest): FamilyRequest {
  return {
    model: body.model ?? undefined,
    ...parseMessages(body.messages),
    ...openaiEffort(body.reasoning_effort ?? body.reasoningEffort, "reasoning_effort"),
    ...parseTools(body),
    outputFormat: parseFormat(body.response_format),
    live: body.stream ?? false,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    stopSequences: body.stop ?? undefined,
    thinking: body.include_reasoning ?? false,
    ignored: Object.entries(withoutEffect).flatMap(([name, usual]) =>
      body[name] == null || usual.includes(body[name]) ? [] : [name],
    ),
  };
}

/**
 * What system and developer messages say before anybody else speaks is the system prompt. It stays as it was when the
 * conversation began, and the session with it: what they say later is told where they stand.
 */
function parseMessages(wire: ChatRequest["messages"]): Pick<FamilyRequest, "system" | "messages"> {
  const system: string[] = [];
  const messages: Message[] = [];
  for (const [index, message] of wire.entries()) {
    if (message.role !== "system" && message.role !== "developer") {
      messages.push(parseMessage(message, `messages.${index}`));
      continue;
    }
    const text = textOf(message.content);
    if (messages.length === 0) system.push(text);
    else messages.push({ role: "user", content: [{ type: "text", text: asReminder(text) }] });
  }
  return { system: system.length === 0 ? undefined : system.join("\n\n"), messages };
}

function parseFormat(format: ChatRequest["response_format"]): AskedFormat | undefined {
  switch (format?.type) {
    case "json_schema":
      return askedFormat(format.json_schema, "response_format.json_schema.schema");
    case "json_object":
      return anyObject("response_format");
    case "text":
    case undefined:
      return undefined;
  }
}

type WireMessage = Exclude<ChatRequest["messages"][number], { role: "system" | "developer" }>;

/** @param field where it stands in the request */
function parseMessage(message: WireMessage, field: string): Message {
  switch (message.role) {
    case "user":
      return { role: "user", content: parseParts(message.content, field) };
    case "tool":
      return {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: message.tool_call_id,
            content: parseParts(message.content, field),
            is_error: false,
          },
        ],
      };
    case "assistant":
      return { role: "assistant", content: assistantBlocks(message) };
  }
}

const parseParts = (parts: readonly ContentPart[], field: string): MediaBlock[] =>
  parts.map((part, index) => parsePart(part, `${field}.content.${index}`));

function parsePart(part: ContentPart, field: string): MediaBlock {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image_url":
      return referredBlock(part.image_url.url, { slot: "image", field: `${field}.image_url.url` });
    case "file": {
      const { file_data: data, filename } = part.file;
      return referredBlock(data, { slot: "document", field: `${field}.file.file_data`, title: filename });
    }
  }
}

function assistantBlocks(message: Extract<WireMessage, { role: "assistant" }>): AssistantBlock[] {
  const parts = (message.content ?? []).map((part) => (part.type === "text" ? part.text : part.refusal));
  const text = [...parts, message.refusal ?? ""].join("");
  const calls = message.tool_calls ?? [];
  return [...(text === "" ? [] : [{ type: "text" as const, text }]), ...calls.map(parseCall)];
}

const parseCall = (call: WireCall): AssistantBlock => ({
  type: "tool_use",
  id: call.id,
  ...(call.type === "custom"
    ? { name: call.custom.name, input: customInput(call.custom.input) }
    : { name: call.function.name, input: parseInput(call.function.arguments) }),
});

const textOf = (parts: readonly { text: string }[]): string => parts.map((part) => part.text).join("");
