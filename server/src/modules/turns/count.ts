/**
 * How many input tokens a request would come to: an estimate, since the model's own tokenizer is not to be had. Text,
 * tools and calls count by their characters; media by a flat figure, whatever their size. What the CLI adds of its own is
 * not counted.
 */
import { estimateTokens } from "../../sessions/index.ts";
import type { ModelDescription } from "../../sessions/index.ts";
import { formatOf } from "./format.ts";
import { requestedModel } from "./requested-model.ts";
import { toolsOf } from "./tools.ts";
import type { FamilyRequest } from "./turns.ts";

/** About what a picture costs that is as large as the model sees them. */
export const tokensPerImage = 1600;
/** About what two or three pages cost, as text and as pictures. */
export const tokensPerDocument = 6000;

type Block = FamilyRequest["messages"][number]["content"][number];

/**
 * At least 1.
 *
 * @param known what the CLI says of its models
 * @throws ApiError for what no reply would be given for
 */
export function countTokens(request: FamilyRequest, known: readonly ModelDescription[]): number {
  const { system = "", messages, tools = [], outputFormat } = request;
  requestedModel(request.model, known);
  toolsOf(request);
  formatOf(outputFormat);
  const total = { characters: system.length, media: 0 };
  if (outputFormat) total.characters += JSON.stringify(outputFormat.schema ?? {}).length;
  for (const tool of tools) total.characters += JSON.stringify(tool).length;
  for (const { content } of messages) for (const block of content) add(total, block);
  return Math.max(1, estimateTokens(total.characters) + total.media);
}

function add(total: { characters: number; media: number }, block: Block): void {
  switch (block.type) {
    case "text":
      total.characters += block.text.length;
      return;
    case "thinking":
      total.characters += block.thinking.length;
      return;
    case "redacted_thinking":
      total.characters += block.data.length;
      return;
    case "tool_use":
      total.characters += block.name.length + (JSON.stringify(block.input) ?? "").length;
      return;
    case "tool_result":
      for (const part of block.content) add(total, part);
      return;
    case "image":
      total.media += tokensPerImage;
      return;
    case "document":
      total.characters += (block.title?.length ?? 0) + (block.context?.length ?? 0);
      if (block.source.type === "text") total.characters += block.source.data.length;
      else if (block.source.type === "content") for (const part of block.source.content) add(total, part);
      else total.media += tokensPerDocument;
      return;
  }
}
