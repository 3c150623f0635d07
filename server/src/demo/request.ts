import { z } from "zod";

// Lenient on purpose: the CLI adds fields and block types with every release, and a scripted model must not
// fail on what it does not use. Only what is read here is described; everything else passes through untouched.

const Source = z.looseObject({
  type: z.string(),
  media_type: z.string().optional(),
  data: z.string().optional(),
  url: z.string().optional(),
  file_id: z.string().optional(),
});
export type Source = z.infer<typeof Source>;

const Reference = z.looseObject({ name: z.string().optional(), tool_name: z.string().optional() });

const BlockFields = {
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  source: Source.optional(),
  tool: Reference.optional(),
  tool_name: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().nullish(),
};

const ResultBlock = z.looseObject(BlockFields);

// A `source` of a document may itself be blocks, and so may the `content` of other block types: those stay unknown.
const ContentBlock = z.looseObject({
  ...BlockFields,
  content: z.union([z.string(), z.array(ResultBlock), z.unknown()]).optional(),
});
export type ContentBlock = z.infer<typeof ContentBlock>;

const Message = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([z.string(), z.array(ContentBlock)]),
});
export type Message = z.infer<typeof Message>;

const JsonSchema = z.record(z.string(), z.unknown());
export type JsonSchema = z.infer<typeof JsonSchema>;

const Tool = z.looseObject({
  name: z.string().optional(),
  input_schema: JsonSchema.optional(),
  defer_loading: z.boolean().optional(),
});
export type Tool = z.infer<typeof Tool>;

const OutputFormat = z.looseObject({ type: z.string(), schema: JsonSchema.optional() });

export const CountRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  system: z.union([z.string(), z.array(ContentBlock)]).optional(),
  tools: z.array(Tool).optional(),
});
export type CountRequest = z.infer<typeof CountRequest>;

export const MessagesRequest = CountRequest.extend({
  max_tokens: z.number().int().min(1),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).nullish(),
  output_config: z.looseObject({ format: OutputFormat.nullish() }).nullish(),
  output_format: OutputFormat.nullish(),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;

export function blocksOf(content: Message["content"] | undefined): ContentBlock[] {
  if (content === undefined) return [];
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The blocks inside a tool result; a result may also be one plain string, or nothing at all. */
export function resultBlocks(block: ContentBlock): ContentBlock[] {
  if (typeof block.content === "string") return [{ type: "text", text: block.content }];
  const inner = z.array(ResultBlock).safeParse(block.content);
  return inner.success ? inner.data : [];
}
