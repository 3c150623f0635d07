import type { StopReason } from "@anthropic-ai/sdk/resources/messages";

/** What the model is going to send, decided in full before the first byte. */
export type Plan = MessagePlan | FailurePlan | BrokenPlan | { readonly kind: "silence" };

export interface MessagePlan {
  readonly kind: "message";
  readonly blocks: readonly Block[];
  readonly stopReason: StopReason;
  readonly stopSequence: string | null;
  /** An answer whose length was asked for, which no limit shortens. */
  readonly unlimited?: boolean;
  /** Some of the input comes from the cache, and some goes there. */
  readonly cached?: boolean;
}

/** An answer that ends within its first block. */
export interface BrokenPlan {
  readonly kind: "broken";
  readonly message: MessagePlan;
  /** What the stream ends with; it just ends when absent. */
  readonly failure: FailurePlan | undefined;
}

export interface FailurePlan {
  readonly kind: "failure";
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export type Block = TextPlan | ThinkingPlan | RedactedPlan | ToolUsePlan;

interface TextPlan {
  readonly type: "text";
  readonly text: string;
  /** Milliseconds between two words; words go out together without it. */
  readonly pauseMs?: number;
}

interface ThinkingPlan {
  readonly type: "thinking";
  readonly thinking: string;
  readonly signature: string;
}

interface RedactedPlan {
  readonly type: "redacted_thinking";
  readonly data: string;
}

export interface ToolUsePlan {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
}

export function message(blocks: readonly Block[], stopReason: StopReason = "end_turn"): MessagePlan {
  return { kind: "message", blocks, stopReason, stopSequence: null };
}

export function say(text: string): MessagePlan {
  return message([{ type: "text", text }]);
}

export function failure(status: number, type: string, text: string, retryAfterSeconds?: number): FailurePlan {
  return {
    kind: "failure",
    status,
    type,
    message: text,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

export function toolUse(name: string, input: Record<string, unknown>): ToolUsePlan {
  return { type: "tool_use", id: `toolu_${crypto.randomUUID().replaceAll("-", "")}`, name, input };
}
