/** What a request of the Chat Completions API may hold. Fields that are not named here are accepted and left alone. */
import { z } from "zod";

const textPart = z.looseObject({ type: z.literal("text"), text: z.string() });
const imagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.looseObject({
    url: z.string().regex(/^data:[^;,]+;base64,./s, "only data: URLs are supported so far; send the bytes themselves"),
  }),
});

/** A string is one text part, so that a wrong part is reported where it stands. */
function parts<T extends z.ZodType>(part: T) {
  return z.preprocess(
    (value) => (typeof value === "string" ? [{ type: "text", text: value }] : value),
    z.array(part, { error: "must be a string or a list of content parts" }),
  );
}

const systemContent = parts(textPart);
const message = z.discriminatedUnion(
  "role",
  [
    z.looseObject({ role: z.literal("developer"), content: systemContent }),
    z.looseObject({ role: z.literal("system"), content: systemContent }),
    z.looseObject({
      role: z.literal("user"),
      content: parts(
        z.discriminatedUnion("type", [textPart, imagePart], { error: "must be a text or image_url part" }),
      ),
    }),
    z.looseObject({
      role: z.literal("assistant"),
      content: parts(
        z.discriminatedUnion("type", [textPart, z.looseObject({ type: z.literal("refusal"), refusal: z.string() })]),
      ).nullish(),
      tool_calls: z
        .array(
          z.looseObject({
            id: z.string(),
            type: z.literal("function"),
            function: z.looseObject({ name: z.string(), arguments: z.string() }),
          }),
        )
        .optional(),
    }),
    z.looseObject({ role: z.literal("tool"), tool_call_id: z.string(), content: parts(textPart) }),
  ],
  { error: "role must be developer, system, user, assistant or tool" },
);

const never = (what: string) => `${what} is not something the CLI can do`;
const effort = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

export const chatRequest = z.looseObject({
  model: z.string().nullish(),
  messages: z.array(message).min(1).max(100_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  reasoning_effort: effort.nullish(),
  reasoningEffort: effort.nullish(),
  n: z.number().int().min(1).max(1, never("more than one choice (n > 1)")).nullish(),
  logprobs: z.literal(false, never("logprobs")).nullish(),
  top_logprobs: z.literal(0, never("top_logprobs")).nullish(),
  modalities: z.array(z.literal("text", never("any modality but text"))).nullish(),
  audio: z.null(never("audio")).optional(),
  tools: z.array(z.unknown()).max(0, "tools that the client executes are not supported yet").nullish(),
  functions: z.array(z.unknown()).max(0, "functions that the client executes are not supported yet").nullish(),
  response_format: z.looseObject({ type: z.literal("text", "only the text format is supported so far") }).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;
