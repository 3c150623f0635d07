/** What is read of a transcript's records. They are the CLI's own, and grow: anything unknown in them is passed over. */
import { z } from "zod";
import type { AssistantBlock, ToolResultBlock } from "../../conversation.ts";
import type { StopReason, Usage } from "../../events.ts";
import type { TranscriptRecord } from "../../transcripts/tail.ts";
import type { ApiFailure } from "../failure.ts";

const Block = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("thinking"), thinking: z.string(), signature: z.string().default("") }),
  z.object({ type: z.literal("redacted_thinking"), data: z.string() }),
  z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.unknown() }),
]);

const tokens = z.number().nullish();
const Assistant = z.object({
  uuid: z.string(),
  message: z.object({
    id: z.string(),
    model: z.string(),
    content: z.array(z.unknown()),
    stop_reason: z.string().nullish(),
    stop_sequence: z.string().nullish(),
    usage: z
      .object({
        input_tokens: tokens,
        output_tokens: tokens,
        cache_read_input_tokens: tokens,
        cache_creation_input_tokens: tokens,
      })
      .nullish(),
  }),
  isApiErrorMessage: z.boolean().optional(),
  error: z.string().optional(),
  apiErrorStatus: z.number().nullish(),
  apiErrorType: z.string().nullish(),
});

export interface AssistantRecord {
  uuid: string;
  messageId: string;
  model: string;
  content: AssistantBlock[];
  stopReason: StopReason | null;
  stopSequence: string | null;
  usage: Usage;
  failure: ApiFailure | null;
}

const stopReasons = new Set<string>([
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
] satisfies StopReason[]);

export function assistantRecord(record: TranscriptRecord): AssistantRecord | null {
  const parsed = Assistant.safeParse(record);
  if (!parsed.success) return null;
  const { uuid, message, isApiErrorMessage, error, apiErrorStatus, apiErrorType } = parsed.data;
  const content = message.content.flatMap((block) => Block.safeParse(block).data ?? []) as AssistantBlock[];
  const reason = message.stop_reason ?? null;
  return {
    uuid,
    messageId: message.id,
    model: message.model,
    content,
    // A reason newer than this code is still an end of the turn.
    stopReason: reason === null || stopReasons.has(reason) ? (reason as StopReason | null) : "end_turn",
    stopSequence: message.stop_sequence ?? null,
    usage: {
      inputTokens: message.usage?.input_tokens ?? 0,
      outputTokens: message.usage?.output_tokens ?? 0,
      cacheReadTokens: message.usage?.cache_read_input_tokens ?? 0,
      cacheCreationTokens: message.usage?.cache_creation_input_tokens ?? 0,
    },
    failure:
      isApiErrorMessage === true
        ? {
            error,
            type: apiErrorType ?? undefined,
            status: apiErrorStatus ?? undefined,
            text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
          }
        : null,
  };
}

const Part = z.looseObject({ type: z.string() });
const ToolResult = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(Part)]).optional(),
  is_error: z.boolean().nullish(),
});

export interface UserRecord {
  results: ToolResultBlock[];
  /** It says that a person broke the turn off. */
  interrupted: boolean;
}

export function toolResultsOf(record: TranscriptRecord): UserRecord {
  const { content } = (record["message"] ?? {}) as { content?: unknown };
  const blocks = Array.isArray(content) ? content : [];
  const results = blocks.flatMap((block) => {
    const parsed = ToolResult.safeParse(block);
    if (!parsed.success) return [];
    const { tool_use_id, content: inner = [], is_error } = parsed.data;
    const parts = typeof inner === "string" ? [{ type: "text", text: inner }] : inner;
    return {
      type: "tool_result",
      tool_use_id,
      content: parts.filter(({ type }) => ["text", "image", "document"].includes(type)),
      is_error: is_error ?? false,
    } as unknown as ToolResultBlock;
  });
  const [first] = blocks as { type?: string; text?: string }[];
  return {
    results,
    interrupted: first?.type === "text" && (first.text ?? "").startsWith("[Request interrupted by user"),
  };
}

/** Whether it notes that the conversation's model is called: side calls and subagents have names of their own. */
export const isRequest = (record: TranscriptRecord): boolean =>
  record.type === "api-request" && record["querySource"] === "repl_main_thread";

/** The model's full name, from any record that tells it. */
export function modelOf(record: TranscriptRecord): string | undefined {
  if (record.type === "attachment") {
    const attachment = record["attachment"] as { type?: string; identity?: { modelId?: string } } | undefined;
    return attachment?.type === "model" ? attachment.identity?.modelId : undefined;
  }
  return isRequest(record) ? (record["params"] as { model?: string } | undefined)?.model : undefined;
}
