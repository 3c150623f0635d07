/** What a request of the Chat Completions API may hold. Fields that are not named here are accepted and left alone. */
import { z } from "zod";
import { atAGlance } from "../../turns/at-a-glance.ts";
import { openaiEfforts } from "../../turns/thinking.ts";
import { jsonSchema, schemaFormat } from "../format.ts";
import { call, tool, toolChoice } from "./tools-model.ts";

const noFiles = z.null("there is no Files API here; send the file itself as file_data").optional();
const textPart = z.looseObject({ type: z.literal("text"), text: z.string() });
const imagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.looseObject({ url: z.string().min(1) }),
});
const filePart = z.looseObject({
  type: z.literal("file"),
  file: z.looseObject({
    file_data: z.string({ error: "must be the file as a data: URL, as base64, or an http(s) URL" }).min(1),
    filename: z.string().max(1024).nullish(),
    file_id: noFiles,
  }),
});
const contentPart = z.discriminatedUnion("type", [textPart, imagePart, filePart], {
  error: "must be a text, image_url or file part",
});
export type ContentPart = z.infer<typeof contentPart>;

/** A string is one text part, so that a wrong part is reported where it stands. */
function parts<T extends z.ZodType>(part: T) {
  return z.preprocess(
    (value) => (typeof value === "string" ? [{ type: "text", text: value }] : value),
    z.array(part, { error: "must be a string or a list of content parts" }),
  );
}

const systemContent = parts(textPart);
const message = atAGlance(
  z.discriminatedUnion(
    "role",
    [
      z.looseObject({ role: z.literal("developer"), content: systemContent }),
      z.looseObject({ role: z.literal("system"), content: systemContent }),
      z.looseObject({ role: z.literal("user"), content: parts(contentPart) }),
      z.looseObject({
        role: z.literal("assistant"),
        content: parts(
          z.discriminatedUnion("type", [textPart, z.looseObject({ type: z.literal("refusal"), refusal: z.string() })]),
        ).nullish(),
        refusal: z.string().nullish(),
        tool_calls: z.array(call).nullish(),
      }),
      z.looseObject({ role: z.literal("tool"), tool_call_id: z.string(), content: parts(contentPart) }),
    ],
    { error: "role must be developer, system, user, assistant or tool" },
  ),
  ["developer", "system", "user", "assistant"],
);

const never = (what: string) => `${what} is not something the CLI can do`;
const effort = z.enum(openaiEfforts);

const stop = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z
    .array(z.string().min(1, "must not be empty"), { error: "must be a string or a list of strings" })
    .max(4, "at most 4 can be given"),
);

const responseFormat = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.literal("text") }),
    z.looseObject({ type: z.literal("json_object") }),
    z.looseObject({
      type: z.literal("json_schema"),
      json_schema: z.looseObject({ ...schemaFormat, schema: jsonSchema.nullish() }),
    }),
  ],
  { error: "must be text, json_object or json_schema" },
);

export const chatRequest = z.looseObject({
  model: z.string().nullish(),
  messages: z.array(message).min(1).max(100_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  reasoning_effort: effort.nullish(),
  reasoningEffort: effort.nullish(),
  /** Whether the model's thinking is part of the reply, as `reasoning_content`. */
  include_reasoning: z.boolean().nullish(),
  n: z.number().int().min(1).max(1, never("more than one choice (n > 1)")).nullish(),
  logprobs: z.literal(false, never("logprobs")).nullish(),
  top_logprobs: z.literal(0, never("top_logprobs")).nullish(),
  modalities: z.array(z.literal("text", never("any modality but text"))).nullish(),
  audio: z.null(never("audio")).optional(),
  tools: z.array(tool).max(1000).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  stop: stop.nullish(),
  functions: z.null("functions are the older form of tools; send tools instead").optional(),
  function_call: z
    .null("function_call is the older form of tool_choice; send tools and tool_choice instead")
    .optional(),
  response_format: responseFormat.nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;
