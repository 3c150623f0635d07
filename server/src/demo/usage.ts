import type { Usage } from "@anthropic-ai/sdk/resources/messages";
import type { Block } from "./plan.ts";
import { blocksOf, resultBlocks, type ContentBlock, type CountRequest } from "./request.ts";

/** Nobody needs the true tokenizer here, only the same count every time. */
const CHARACTERS_PER_TOKEN = 4;

/** An image or document costs the same whatever its size. */
const TOKENS_PER_MEDIA = 1_000;

function tokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

export function charactersIn(count: number): number {
  return count * CHARACTERS_PER_TOKEN;
}

/** Tokens of everything the model is sent: system, messages and tools. */
export function inputTokens(request: CountRequest): number {
  let characters = 0;
  let media = 0;
  const count = (block: ContentBlock): void => {
    if (block.type === "image" || block.type === "document") media++;
    characters += block.text?.length ?? 0;
    if (block.input !== undefined) characters += (block.name?.length ?? 0) + JSON.stringify(block.input).length;
    if (block.type === "tool_result") for (const part of resultBlocks(block)) count(part);
  };
  for (const block of blocksOf(request.system)) count(block);
  for (const message of request.messages) for (const block of blocksOf(message.content)) count(block);
  for (const tool of request.tools ?? []) characters += JSON.stringify(tool).length;
  return Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN)) + media * TOKENS_PER_MEDIA;
}

export function blockTokens(block: Block): number {
  if (block.type === "text") return tokens(block.text);
  if (block.type === "thinking") return tokens(block.thinking);
  if (block.type === "redacted_thinking") return tokens(block.data);
  return tokens(block.name + JSON.stringify(block.input));
}

export function outputTokens(blocks: readonly Block[]): number {
  return Math.max(1, sum(blocks));
}

export interface Input {
  readonly tokens: number;
  /** There is no cache to simulate: a third is said to come from it, a third to go there. Else all is read afresh. */
  readonly cached: boolean;
}

export function usageOf(input: Input, blocks: readonly Block[], output = outputTokens(blocks)): Usage {
  const third = input.cached ? Math.floor(input.tokens / 3) : 0;
  return {
    input_tokens: input.tokens - 2 * third,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: sum(blocks.filter((block) => block.type === "thinking")) },
    cache_creation_input_tokens: third,
    cache_read_input_tokens: third,
    cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: third },
    inference_geo: null,
    server_tool_use: null,
    service_tier: "standard",
    speed: null,
  };
}

function sum(blocks: readonly Block[]): number {
  return blocks.reduce((total, block) => total + blockTokens(block), 0);
}
