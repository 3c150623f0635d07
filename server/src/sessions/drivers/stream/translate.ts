/**
 * From the Agent SDK's messages to session events. One translator serves one process: what it learns in one message
 * may be needed in the next.
 */
import type { SDKMessage, SDKResultMessage } from "@anthropic-ai/claude-agent-sdk";
import type { AssistantBlock, ToolResultBlock } from "../../conversation.ts";
import { SessionError } from "../../errors.ts";
import {
  type BlockDelta,
  type BlockStart,
  noUsage,
  type SessionEvent,
  type StopReason,
  type Usage,
} from "../../events.ts";
import { type ApiFailure, apiFailure } from "../failure.ts";

type StreamEvent = Extract<SDKMessage, { type: "stream_event" }>["event"];

export class StreamTranslator {
  #totalCostUsd = 0;
  /** As the CLI calls the model that answers: its figures come under that name. */
  #model = "";
  /** Of the model message that is under way. */
  #message: { usage: Usage; stopReason: StopReason | null; stopSequence: string | null; blocks: number } | undefined;
  /** The latest message broke off when some of it had been said. */
  #brokeOff = false;
  /** What the latest assistant message failed of; the result that follows says less. */
  #failure: Omit<ApiFailure, "status"> | undefined;
  /** When a limit of the account resets, in seconds since the epoch. */
  #limitResetsAt: number | undefined;
  readonly #clientName: (tool: string) => string | null;

  /** @param clientName what the client calls its tool that the CLI knows by this name; null for any other tool */
  constructor(clientName: (tool: string) => string | null = () => null) {
    this.#clientName = clientName;
  }

  /** @throws SessionError when the message ends the turn in failure */
  translate(message: SDKMessage): SessionEvent[] {
    switch (message.type) {
      case "system":
        return this.#system(message);
      case "stream_event":
        // A subagent's words are its own affair; its parent reports what matters.
        return message.parent_tool_use_id === null ? this.#streamEvent(message.event) : [];
      case "assistant": {
        if (message.parent_tool_use_id !== null) return [];
        const content = message.message.content as unknown as AssistantBlock[];
        if (message.error !== undefined && message.error !== "max_output_tokens") {
          const { api_error_type: type } = message as { api_error_type?: string };
          this.#failure = { error: message.error, type, text: textOf(content) };
          return [];
        }
        return [{ type: "assistant", uuid: message.uuid, content: content.map((block) => this.#asClientHasIt(block)) }];
      }
      case "user":
        return message.parent_tool_use_id === null ? toolResults(message) : [];
      case "rate_limit_event":
        this.#limitResetsAt = message.rate_limit_info.resetsAt;
        return [];
      case "result":
        return [this.#result(message)];
      default:
        return [];
    }
  }

  #system(message: Extract<SDKMessage, { type: "system" }>): SessionEvent[] {
    if (message.subtype === "init") {
      this.#model = message.model;
      const tools = message.tools.map((name) => this.#clientName(name) ?? name);
      return [{ type: "started", sessionId: message.session_id, model: message.model, tools }];
    }
    if (message.subtype === "api_retry") {
      const { attempt, retry_delay_ms: delayMs, error_status: status } = message;
      // A limit is for the client to know about and wait out, with the time that the API named.
      if (status === 429) {
        throw new SessionError("rate_limited", "The account's rate limit is reached.", {
          apiStatus: 429,
          retryAfter: delayMs / 1000,
        });
      }
      if (this.#brokeOff) throw brokeOff();
      return [{ type: "retry", attempt, delayMs, status }];
    }
    return [];
  }

  #streamEvent(event: StreamEvent): SessionEvent[] {
    switch (event.type) {
      case "message_start": {
        const { id, model, usage } = event.message;
        if (this.#brokeOff) throw brokeOff();
        this.#message = { usage: usageOf(usage), stopReason: null, stopSequence: null, blocks: 0 };
        return [{ type: "message_start", id, model, usage: this.#message.usage }];
      }
      case "content_block_start": {
        const block = blockStart(event.content_block);
        if (!block) return [];
        if (this.#message) this.#message.blocks++;
        const name = block.type === "tool_use" ? this.#clientName(block.name) : null;
        return name === null
          ? [{ type: "block_start", index: event.index, block }]
          : [{ type: "block_start", index: event.index, block: { ...block, name } as BlockStart, byClient: true }];
      }
      case "content_block_delta": {
        const delta = blockDelta(event.delta);
        return delta ? [{ type: "block_delta", index: event.index, delta }] : [];
      }
      case "content_block_stop":
        return [{ type: "block_stop", index: event.index }];
      case "message_delta":
        if (this.#message) {
          const { stop_reason: reason } = event.delta;
          this.#message.stopReason = reason === null ? null : stopReasonOf(reason);
          this.#message.stopSequence = event.delta.stop_sequence;
          this.#message.usage = { ...this.#message.usage, ...definedUsage(event.usage) };
        }
        return [];
      case "message_stop": {
        const message = this.#message;
        this.#message = undefined;
        if (!message) return [];
        const { stopReason, stopSequence, usage } = message;
        if (stopReason !== null) return [{ type: "message_stop", stopReason, stopSequence, usage }];
        // The CLI closes what the model left open. It may ask again; but what was said is not to be taken back.
        this.#brokeOff = message.blocks > 0;
        return [];
      }
      default:
        return [];
    }
  }

  #asClientHasIt(block: AssistantBlock): AssistantBlock {
    const name = block.type === "tool_use" ? this.#clientName(block.name) : null;
    return name === null ? block : ({ ...block, name } as AssistantBlock);
  }

  #result(message: SDKResultMessage): SessionEvent {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#message = undefined;
    this.#brokeOff = false;
    const costUsd = this.#costOf(message);
    const refused = message.stop_reason === "refusal";
    if (message.is_error && message.subtype !== "error_max_turns" && !refused)
      throw this.#resultError(message, failure, costUsd);
    return {
      type: "result",
      sessionId: message.session_id,
      // Out of calls, not out of words: the client may go on from here.
      stopReason: message.subtype === "error_max_turns" ? "pause_turn" : stopReasonOf(message.stop_reason),
      stopSequence: null,
      text: message.subtype === "success" ? message.result : "",
      usage: usageOf(message.usage),
      costUsd,
      durationMs: message.duration_ms,
      modelCalls: message.num_turns,
      ...this.#windowOf(message),
      raw: message as unknown as Record<string, unknown>,
    };
  }

  /**
   * US dollars. The CLI's total runs over the session's whole life, the turns before a resume included, so that a
   * difference is right only for a process that was there from the start; its account of the turn alone is always.
   */
  #costOf(message: SDKResultMessage): number {
    const before = this.#totalCostUsd;
    this.#totalCostUsd = message.total_cost_usd;
    const ofThisTurn = (message as { model_usage_since_last_result?: Record<string, { costUSD?: number }> })
      .model_usage_since_last_result;
    if (!ofThisTurn) return Math.max(0, message.total_cost_usd - before);
    return Object.values(ofThisTurn).reduce((sum, { costUSD }) => sum + (costUSD ?? 0), 0);
  }

  /** Side calls of the CLI's own may have gone to a model with another. */
  #windowOf({ modelUsage }: Partial<SDKResultMessage>): { contextWindow?: number } {
    const window = modelUsage?.[this.#model]?.contextWindow ?? 0;
    return window > 0 ? { contextWindow: window } : {};
  }

  #resultError(
    message: SDKResultMessage,
    failure: Omit<ApiFailure, "status"> | undefined,
    costUsd: number,
  ): SessionError {
    if (message.subtype === "error_max_budget_usd") {
      return new SessionError("budget_exceeded", "The turn's budget is spent.", { costUsd });
    }
    if (message.subtype === "error_max_structured_output_retries") {
      const what = "The model did not answer in the shape of the schema, however often the CLI asked it to.";
      return new SessionError("output_format_unmet", what, { costUsd });
    }
    if (message.subtype !== "success") {
      if (message.errors.some((text) => lostTranscript.test(text))) {
        return new SessionError("transcript_unreadable", "The transcript to go on from was not found.");
      }
      return new SessionError("api_error", message.errors[0] ?? "The CLI ended the turn with an error.", { costUsd });
    }
    const status = message.api_error_status ?? undefined;
    const { type, text = "" } = failure ?? {};
    const error = message.terminal_reason === "prompt_too_long" ? message.terminal_reason : failure?.error;
    const limited = status === 429 || error === "rate_limit";
    const resetsIn = this.#limitResetsAt === undefined ? 0 : this.#limitResetsAt - Date.now() / 1000;
    const retryAfter = limited && resetsIn > 0 ? resetsIn : undefined;
    return apiFailure({ error, type, status, text: text || message.result }, { costUsd, retryAfter });
  }
}

const brokeOff = () =>
  new SessionError("api_error", "The connection to the model was lost in the midst of its answer.");

/** What the CLI says when `resume` or `resumeSessionAt` names something that is not there. */
const lostTranscript = /no conversation found|no message found/i;

function toolResults(message: Extract<SDKMessage, { type: "user" }>): SessionEvent[] {
  const { content } = message.message;
  if (typeof content === "string") return [];
  const events: SessionEvent[] = [];
  for (const block of content) {
    if (block.type !== "tool_result") continue;
    const parts = typeof block.content === "string" ? [{ type: "text", text: block.content }] : (block.content ?? []);
    const result: ToolResultBlock = {
      type: "tool_result",
      tool_use_id: block.tool_use_id,
      content: parts.filter((part) => ["text", "image", "document"].includes(part.type)) as ToolResultBlock["content"],
      is_error: block.is_error ?? false,
    };
    events.push({ type: "tool_result", uuid: message.uuid ?? "", result });
  }
  return events;
}

function blockStart(block: { type: string }): BlockStart | null {
  switch (block.type) {
    case "text":
    case "thinking":
      return { type: block.type };
    case "redacted_thinking":
      return { type: "redacted_thinking", data: (block as { data: string } & typeof block).data };
    case "tool_use": {
      const { id, name } = block as { id: string; name: string } & typeof block;
      return { type: "tool_use", id, name };
    }
    default:
      return null;
  }
}

function blockDelta(delta: Extract<StreamEvent, { type: "content_block_delta" }>["delta"]): BlockDelta | null {
  switch (delta.type) {
    case "text_delta":
      return delta.text === "" ? null : { type: "text", text: delta.text };
    case "thinking_delta":
      return { type: "thinking", thinking: delta.thinking };
    case "signature_delta":
      return { type: "signature", signature: delta.signature };
    case "input_json_delta":
      return { type: "input_json", json: delta.partial_json };
    default:
      return null;
  }
}

interface WireUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

/** Only what the API named: a `message_delta` may leave out what `message_start` said. */
function definedUsage(usage: WireUsage): Partial<Usage> {
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = usage;
  return {
    ...(input_tokens == null ? {} : { inputTokens: input_tokens }),
    ...(output_tokens == null ? {} : { outputTokens: output_tokens }),
    ...(cache_read_input_tokens == null ? {} : { cacheReadTokens: cache_read_input_tokens }),
    ...(cache_creation_input_tokens == null ? {} : { cacheCreationTokens: cache_creation_input_tokens }),
  };
}

const usageOf = (usage: WireUsage): Usage => ({ ...noUsage, ...definedUsage(usage) });

const stopReasons = new Set<string>([
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
] satisfies StopReason[]);

/** A reason newer than this code is still an end of the turn. */
const stopReasonOf = (reason: string | null): StopReason =>
  reason !== null && stopReasons.has(reason) ? (reason as StopReason) : "end_turn";

const textOf = (blocks: readonly AssistantBlock[]): string =>
  blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
