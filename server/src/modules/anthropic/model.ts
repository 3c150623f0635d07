/** What a request of the Messages API may hold. Fields that are not named here are accepted and left alone. */
import { z } from "zod";
import { atAGlance } from "../turns/at-a-glance.ts";
import { tool, toolChange, toolChoice } from "./tools-model.ts";

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
  context: z.string().nullish(),
});
export type WireMedia = z.infer<typeof image> | z.infer<typeof document>;

const contentOf = <T extends z.ZodType>(block: T) =>
  z.union([z.string(), z.array(block)], { error: "must be a string or a list of content blocks" });

const searchResult = z.looseObject({
  type: z.literal("search_result"),
  source: z.string(),
  title: z.string(),
  content: z.array(text),
});
/** What a client's own search for tools has found; they are all before the model anyway. */
const toolReference = z.looseObject({ type: z.literal("tool_reference"), tool_name: z.string() });

const toolResult = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: contentOf(z.discriminatedUnion("type", [text, image, document, searchResult, toolReference])).nullish(),
  is_error: z.boolean().nullish(),
});

const userBlock = z.discriminatedUnion("type", [text, image, document, searchResult, toolResult], {
  error: "must be a text, image, document, search_result or tool_result block",
});

/** By the type that it was sent with. */
const hosted = z
  .looseObject({ type: z.literal("hosted"), hosted: z.string() })
  .describe("A block that Anthropic's servers made with tools of their own, which is accepted and left out.");

const assistantBlock = z.preprocess(
  (block) => (isHosted(typeOf(block)) ? marked(block) : block),
  z.discriminatedUnion(
    "type",
    [
      text,
      z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
      z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() }),
      z.looseObject({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.unknown() }),
      hosted,
    ],
    { error: "must be a text, thinking, redacted_thinking or tool_use block" },
  ),
);

/** What only Anthropic's servers make: calls of their own tools with the results, and marks of what they did beside. */
const isHosted = (type: string | undefined): boolean =>
  type !== undefined && (hostedTypes.has(type) || type.endsWith("_tool_result"));
const hostedTypes = new Set(["server_tool_use", "mcp_tool_use", "container_upload", "compaction", "fallback"]);

const typeOf = (block: unknown): string | undefined =>
  typeof block === "object" && block !== null && "type" in block && typeof block.type === "string"
    ? block.type
    : undefined;
const marked = (block: unknown): unknown =>
  typeOf(block) === undefined ? block : { type: "hosted", hosted: typeOf(block) };

/** Notices that newer clients put between the others, and changes of their tools. What they may say beside is left out. */
const systemBlock = z.preprocess(
  (block) => (isNotice(block) ? block : marked(block)),
  z.discriminatedUnion("type", [text, ...toolChange, hosted]),
);

const isNotice = (block: unknown): boolean => ["text", "tool_addition", "tool_removal"].includes(typeOf(block) ?? "");

const effort = z.enum(["low", "medium", "high", "xhigh", "max"]);

const message = atAGlance(
  z.discriminatedUnion(
    "role",
    [
      z.looseObject({ role: z.literal("user"), content: blocksOrString(userBlock) }),
      z.looseObject({ role: z.literal("assistant"), content: blocksOrString(assistantBlock) }),
      z.looseObject({
        role: z.literal("system"),
        content: blocksOrString(systemBlock).nullish(),
        output_config: z.looseObject({ effort: effort.nullish() }).nullish(),
      }),
    ],
    { error: "role must be user, assistant or system" },
  ),
  ["user", "assistant"],
);

/** Like `contentOf`, but a wrong block is reported where it stands instead of as a wrong union. */
function blocksOrString<T extends z.ZodType>(block: T) {
  return z.preprocess(
    (value) => (typeof value === "string" ? [{ type: "text", text: value }] : value),
    z.array(block, { error: "must be a string or a list of content blocks" }),
  );
}

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
export const messagesRequest = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(1),
  messages: z.array(message).min(1).max(100_000),
  system: blocksOrString(text).nullish(),
  stream: z.boolean().nullish(),
  thinking: thinking.nullish(),
  stop_sequences: z.array(z.string().min(1, "must not be empty")).max(100, "at most 100 can be given").nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().nullish(),
  metadata: z.looseObject({}).nullish(),
  tools: z.array(tool).max(1000).nullish(),
  tool_choice: toolChoice.nullish(),
  thread: z.unknown().optional(),
  mcp_servers: z
    .array(z.unknown())
    .max(0, "are not asked here; a tool that the client executes can stand for one")
    .nullish(),
  output_config: z.looseObject({ format: outputFormat.nullish(), effort: effort.nullish() }).nullish(),
  /** Where the format was before it had its place in `output_config`. */
  output_format: outputFormat.nullish(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;

/** The same, but for the limit of a reply that is not made. */
export const countRequest = messagesRequest.extend({ max_tokens: messagesRequest.shape.max_tokens.optional() });
export type CountRequest = z.infer<typeof countRequest>;
