/** Between the Chat Completions wire and a turn: requests in, one completion or its chunks out. */
import type { ChatCompletion, ChatCompletionChunk, CompletionUsage } from "openai/resources";
import {
  type AssistantBlock,
  type Message,
  parseInput,
  type ReplyEvent,
  type StopReason,
  type ToolChoice,
  type Usage,
} from "../../sessions/index.ts";
import type { CollectedReply } from "../turns/collect.ts";
import type { AskedFormat } from "../turns/format.ts";
import { type MediaBlock, referredBlock } from "../turns/media/blocks.ts";
import { openaiEffort } from "../turns/thinking.ts";
import type { FamilyRequest } from "../turns/turns.ts";
import type { ChatRequest, ContentPart } from "./chat-model.ts";
import { anyObject, askedFormat } from "./format.ts";

/** Accepted, without effect on what the CLI sends. */
const withoutEffect = [
  "temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "seed",
]; // prettier-ignore

export function parseRequest(body: ChatRequest): FamilyRequest {
  const system: string[] = [];
  const messages: Message[] = [];
  for (const [index, message] of body.messages.entries()) {
    if (message.role === "system" || message.role === "developer") system.push(textOf(message.content));
    else messages.push(parseMessage(message, `messages.${index}`));
  }
  return {
    model: body.model ?? undefined,
    system: system.length === 0 ? undefined : system.join("\n\n"),
    messages,
    ...openaiEffort(body.reasoning_effort ?? body.reasoningEffort, "reasoning_effort"),
    ...parseTools(body),
    outputFormat: parseFormat(body.response_format),
    live: body.stream ?? false,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    stopSequences: body.stop ?? undefined,
    thinking: body.include_reasoning ?? false,
    ignored: withoutEffect.filter((name) => body[name] !== undefined && body[name] !== null),
  };
}

function parseTools(body: ChatRequest): Partial<FamilyRequest> {
  return {
    tools: body.tools?.map(({ function: { name, description, parameters } }) => ({
      name,
      ...(description == null ? {} : { description }),
      inputSchema: parameters ?? { type: "object", properties: {} },
    })),
    ...(body.tool_choice == null ? {} : { toolChoice: parseChoice(body.tool_choice) }),
    parallelToolCalls: body.parallel_tool_calls ?? true,
  };
}

const parseChoice = (choice: NonNullable<ChatRequest["tool_choice"]>): ToolChoice =>
  typeof choice === "string" ? { type: choice } : { type: "tool", name: choice.function.name };

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
  return [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...calls.map((call) => ({
      type: "tool_use" as const,
      id: call.id,
      name: call.function.name,
      input: parseInput(call.function.arguments),
    })),
  ];
}

const textOf = (parts: readonly { text: string }[]): string => parts.map((part) => part.text).join("");

export function toCompletion(reply: CollectedReply): ChatCompletion {
  const text = reply.content.map((block) => (block.type === "text" ? block.text : "")).join("");
  const calls = reply.content.filter((block) => block.type === "tool_use");
  return {
    id: completionId(reply.id),
    object: "chat.completion",
    created: nowSeconds(),
    model: reply.model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: reply.refusal !== null || (text === "" && calls.length > 0) ? null : text,
          refusal: reply.refusal,
          ...reasoning(reply.content.map((block) => (block.type === "thinking" ? block.thinking : "")).join("")),
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(toToolCall) }),
        },
        finish_reason: finishReason[reply.stopReason],
        logprobs: null,
      },
    ],
    usage: toUsage(reply.usage),
  };
}

/** Where other servers have it: OpenAI's own tells nothing of the model's thinking. */
interface Reasoning {
  reasoning_content?: string;
}
const reasoning = (words: string): Reasoning => (words === "" ? {} : { reasoning_content: words });

const toToolCall = ({ id, name, input }: Extract<AssistantBlock, { type: "tool_use" }>) => ({
  id,
  type: "function" as const,
  function: { name, arguments: JSON.stringify(input) },
});

/** Makes the chunks of one streamed completion. */
export class ChunkWriter {
  readonly #includeUsage: boolean;
  readonly #created = nowSeconds();
  #id = "";
  #model = "";
  /** Of the call that is open; undefined in any other block. */
  #call: { index: number; hasArguments: boolean } | undefined;
  #calls = 0;
  /** Whether the text that is open refuses what was asked for. */
  #refusal = false;

  /** @param includeUsage as `stream_options.include_usage` asks */
  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  frames(event: ReplyEvent): string {
    switch (event.type) {
      case "start":
        this.#id = completionId(event.id);
        this.#model = event.model;
        return this.#choice({ role: "assistant" }, null);
      case "block_delta":
        if (event.delta.type === "text")
          return this.#choice({ [this.#refusal ? "refusal" : "content"]: event.delta.text }, null);
        if (event.delta.type === "thinking") return this.#choice(reasoning(event.delta.thinking), null);
        return event.delta.type === "input_json" ? this.#arguments(event.delta.json) : "";
      case "block_start":
        this.#refusal = event.refusal ?? false;
        return event.block.type === "tool_use" ? this.#openCall(event.block.id, event.block.name) : "";
      case "block_stop": {
        // A call without input has an empty object for its arguments: clients parse what they get.
        const rest = this.#call?.hasArguments === false ? this.#arguments("{}") : "";
        this.#call = undefined;
        return rest;
      }
      case "stop": {
        const last = this.#choice({}, finishReason[event.stopReason]);
        const usage = this.#includeUsage
          ? dataFrame({ ...this.#base(), choices: [], usage: toUsage(event.usage) })
          : "";
        return `${last}${usage}data: [DONE]\n\n`;
      }
    }
  }

  #openCall(id: string, name: string): string {
    const index = this.#calls++;
    this.#call = { index, hasArguments: false };
    return this.#choice({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }, null);
  }

  #arguments(json: string): string {
    if (!this.#call || json === "") return "";
    this.#call.hasArguments = true;
    const { index } = this.#call;
    return this.#choice({ tool_calls: [{ index, function: { arguments: json } }] }, null);
  }

  #base() {
    return { id: this.#id, object: "chat.completion.chunk" as const, created: this.#created, model: this.#model };
  }

  #choice(
    delta: ChatCompletionChunk.Choice.Delta & Reasoning,
    reason: ChatCompletionChunk.Choice["finish_reason"],
  ): string {
    return dataFrame({
      ...this.#base(),
      choices: [{ index: 0, delta, finish_reason: reason, logprobs: null }],
      ...(this.#includeUsage ? { usage: null } : {}),
    } satisfies ChatCompletionChunk);
  }
}

export const dataFrame = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

const finishReason: Record<StopReason, ChatCompletion.Choice["finish_reason"]> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

function toUsage(usage: Usage): CompletionUsage {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
  };
}

const completionId = (messageId: string): string => `chatcmpl-${messageId.replace(/^msg_/, "")}`;
const nowSeconds = (): number => Math.floor(Date.now() / 1000);
