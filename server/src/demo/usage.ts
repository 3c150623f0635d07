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
  return tokens(block.name + JSON.stringify(block.input));
}

export function outputTokens(blocks: readonly Block[]): number {
  return Math.max(1, sum(blocks));
}

/** There is no cache to simulate: every input token is counted as read afresh. */
export function usageOf(input: number, blocks: readonly Block[], output = outputTokens(blocks)): Usage {
  return {
    input_tokens: input,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: sum(blocks.filter((block) => block.type === "thinking")) },
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
    inference_geo: null,
    server_tool_use: null,
    service_tier: "standard",
    speed: null,
  };
}

function sum(blocks: readonly Block[]): number {
  return blocks.reduce((total, block) => total + blockTokens(block), 0);
}
