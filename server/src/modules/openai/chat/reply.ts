/** The reply of Chat Completions: one completion, or its chunks. */
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessageToolCall,
  CompletionUsage,
} from "openai/resources";
import type { AssistantBlock, ReplyEvent, StopReason, Usage } from "../../../sessions/index.ts";
import type { CollectedReply } from "../../turns/collect.ts";
import { InputReader, textOf } from "../custom/input-reader.ts";

/** @param custom names of the tools whose input is text as it is */
export function toCompletion(reply: CollectedReply, custom: ReadonlySet<string>): ChatCompletion {
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
          ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => toToolCall(call, custom)) }),
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

function toToolCall(
  { id, name, input }: Extract<AssistantBlock, { type: "tool_use" }>,
  custom: ReadonlySet<string>,
): ChatCompletionMessageToolCall {
  const json = JSON.stringify(input);
  if (!custom.has(name)) return { id, type: "function", function: { name, arguments: json } };
  return { id, type: "custom", custom: { name, input: textOf(json) } };
}

/** Makes the chunks of one streamed completion. */
export class ChunkWriter {
  readonly #includeUsage: boolean;
  readonly #custom: ReadonlySet<string>;
  readonly #created = nowSeconds();
  #id = "";
  #model = "";
  /** The call that is open; undefined in any other block. A reader has those whose input is text as it is. */
  #call: { index: number; hasArguments: boolean; reader: InputReader | undefined } | undefined;
  #calls = 0;
  /** Whether the text that is open refuses what was asked for. */
  #refusal = false;

  /**
   * @param includeUsage as `stream_options.include_usage` asks
   * @param custom names of the tools whose input is text as it is
   */
  constructor(includeUsage: boolean, custom: ReadonlySet<string>) {
    this.#includeUsage = includeUsage;
    this.#custom = custom;
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
      case "block_stop":
        return this.#closeCall();
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
    const isCustom = this.#custom.has(name);
    this.#call = { index, hasArguments: false, reader: isCustom ? new InputReader() : undefined };
    return isCustom
      ? this.#callDelta({ index, id, type: "custom", custom: { name, input: "" } })
      : this.#callDelta({ index, id, type: "function", function: { name, arguments: "" } });
  }

  #arguments(json: string): string {
    if (!this.#call || json === "") return "";
    this.#call.hasArguments = true;
    const { index, reader } = this.#call;
    if (!reader) return this.#callDelta({ index, function: { arguments: json } });
    const input = reader.push(json);
    return input === "" ? "" : this.#callDelta({ index, custom: { input } });
  }

  #closeCall(): string {
    const call = this.#call;
    // A call without input has an empty object for its arguments: clients parse what they get.
    const rest = call?.hasArguments === false && !call.reader ? this.#arguments("{}") : "";
    this.#call = undefined;
    const input = call?.reader?.end() ?? "";
    return input === "" ? rest : this.#callDelta({ index: call!.index, custom: { input } });
  }

  #callDelta(call: ChatCompletionChunk.Choice.Delta.ToolCall): string {
    return this.#choice({ tool_calls: [call] }, null);
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
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheCreationTokens },
  };
}

const completionId = (messageId: string): string => `chatcmpl-${messageId.replace(/^msg_/, "")}`;
const nowSeconds = (): number => Math.floor(Date.now() / 1000);
