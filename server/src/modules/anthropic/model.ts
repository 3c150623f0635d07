/** What a request of the Messages API may hold. Fields that are not named here are accepted and left alone. */
import { z } from "zod";

const text = z.looseObject({ type: z.literal("text"), text: z.string() });
const base64Source = z.object({ type: z.literal("base64"), media_type: z.string().max(200), data: z.string().min(1) });
const urlSource = z.object({ type: z.literal("url"), url: z.string().min(1) });
const textSource = z.object({ type: z.literal("text"), media_type: z.literal("text/plain"), data: z.string().min(1) });
const image = z.looseObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [base64Source, urlSource], {
    error: "must be a source of type base64 or url; there is no Files API here",
  }),
});
const contentSource = z.object({
  type: z.literal("content"),
  content: blocksOrString(z.discriminatedUnion("type", [text, image], { error: "must be a text or image block" })),
});
const document = z.looseObject({
  type: z.literal("document"),
  source: z.discriminatedUnion("type", [base64Source, urlSource, textSource, contentSource], {
    error: "must be a source of type base64, url, text or content; there is no Files API here",
  }),
  title: z.string().nullish(),
});
export type WireMedia = z.infer<typeof image> | z.infer<typeof document>;

const contentOf = <T extends z.ZodType>(block: T) =>
  z.union([z.string(), z.array(block)], { error: "must be a string or a list of content blocks" });

const toolResult = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: contentOf(z.discriminatedUnion("type", [text, image, document])).optional(),
  is_error: z.boolean().optional(),
});

const userBlock = z.discriminatedUnion("type", [text, image, document, toolResult], {
  error: "must be a text, image, document or tool_result block",
});

const assistantBlock = z.discriminatedUnion(
  "type",
  [
    text,
    z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
    z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() }),
    z.looseObject({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.unknown() }),
  ],
  { error: "must be a text, thinking, redacted_thinking or tool_use block" },
);

const message = z.discriminatedUnion(
  "role",
  [
    z.looseObject({ role: z.literal("user"), content: blocksOrString(userBlock) }),
    z.looseObject({ role: z.literal("assistant"), content: blocksOrString(assistantBlock) }),
    // Notices that newer clients put between the others. What is no text in them is about the client's own tools.
    z.looseObject({ role: z.literal("system"), content: blocksOrString(z.looseObject({ type: z.string() })) }),
  ],
  { error: "role must be user, assistant or system" },
);

/** Like `contentOf`, but a wrong block is reported where it stands instead of as a wrong union. */
function blocksOrString<T extends z.ZodType>(block: T) {
  return z.preprocess(
    (value) => (typeof value === "string" ? [{ type: "text", text: value }] : value),
    z.array(block, { error: "must be a string or a list of content blocks" }),
  );
}

/** Tools that run on Anthropic's servers, or whose schema only the API knows. */
const notCustom = ({ input }: { input?: unknown }) =>
  `${JSON.stringify(input)} is not supported: only tools that the client executes and describes, of type custom, can be offered to the CLI`;

const tool = z.looseObject({
  type: z.literal("custom", { error: notCustom }).nullish(),
  name: z.string().min(1).max(1000),
  description: z.string().optional(),
  input_schema: z.record(z.string(), z.unknown()),
});

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.literal("auto"), ...parallel }),
    z.looseObject({ type: z.literal("any"), ...parallel }),
    z.looseObject({ type: z.literal("tool"), name: z.string(), ...parallel }),
    z.looseObject({ type: z.literal("none") }),
  ],
  { error: "type must be auto, any, tool or none" },
);

const outputFormat = z.looseObject({
  type: z.literal("json_schema", "only json_schema is a format"),
  schema: z.record(z.string(), z.unknown()),
});

/** Newer clients know more ways to show it than the CLI can be told of. */
const display = z.string().max(64).nullish();
const thinking = z.discriminatedUnion(
  "type",
  [
    z.looseObject({
      type: z.literal("enabled"),
      budget_tokens: z.number().int().min(1024, "Input should be greater than or equal to 1024"),
      display,
    }),
    z.looseObject({ type: z.literal("adaptive"), display }),
    z.looseObject({ type: z.literal("disabled") }),
    z.looseObject({ type: z.literal("between_tools") }),
  ],
  { error: "type must be enabled, adaptive, disabled or between_tools" },
);
const effort = z.enum(["low", "medium", "high", "xhigh", "max"]);

export const messagesRequest = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(1),
  messages: z.array(message).min(1).max(100_000),
  system: blocksOrString(text).optional(),
  stream: z.boolean().optional(),
  thinking: thinking.optional(),
  stop_sequences: z.array(z.string().min(1, "must not be empty")).max(100, "at most 100 can be given").optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  metadata: z.looseObject({}).optional(),
  tools: z.array(tool).max(1000).optional(),
  tool_choice: toolChoice.optional(),
  thread: z.unknown().optional(),
  output_config: z.looseObject({ format: outputFormat.nullish(), effort: effort.nullish() }).optional(),
  /** Where the format was before it had its place in `output_config`. */
  output_format: outputFormat.nullish(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;

/** The same, but for the limit of a reply that is not made. */
export const countRequest = messagesRequest.extend({ max_tokens: messagesRequest.shape.max_tokens.optional() });
export type CountRequest = z.infer<typeof countRequest>;
