/** What a request of the Responses API may hold. Fields that are not named here are accepted and left alone. */
import { z } from "zod";
import { openaiEfforts } from "../../turns/thinking.ts";
import { jsonSchema, schemaFormat } from "../format.ts";
import { input } from "./input.ts";
import { tool, toolChoice } from "./tools-model.ts";

const never = (what: string) => `${what} is not something the CLI can do`;

const reasoning = z.looseObject({
  effort: z.enum(openaiEfforts).nullish(),
  summary: z.enum(["auto", "concise", "detailed"]).nullish(),
});

const format = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.literal("text") }),
    z.looseObject({ type: z.literal("json_object") }),
    z.looseObject({ type: z.literal("json_schema"), ...schemaFormat, schema: jsonSchema }),
  ],
  { error: "must be text, json_object or json_schema" },
);

/** Keys and characters as the API bounds them. */
const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((value) => Object.keys(value).length <= 16, "at most 16 keys");

/** What may be asked to be included. Only the reasoning changes anything; of the rest there is none, or it is there anyway. */
const includable = z.enum(
  [
    "reasoning.encrypted_content",
    "message.input_image.image_url",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
  ],
  { error: "is not something that can be included" },
);

export const responsesRequest = z
  .looseObject({
    model: z.string().max(256).nullish(),
    input,
    instructions: z.string().nullish(),
    previous_response_id: z.string().min(1).max(256).nullish(),
    store: z.boolean().nullish(),
    stream: z.boolean().nullish(),
    background: z.boolean().nullish(),
    tools: z.array(tool).max(10_000).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    reasoning: reasoning.nullish(),
    text: z.looseObject({ format: format.nullish(), verbosity: z.enum(["low", "medium", "high"]).nullish() }).nullish(),
    max_output_tokens: z.number().int().min(1).max(1_000_000_000).nullish(),
    metadata: metadata.nullish(),
    include: z.array(includable).max(100).nullish(),
    truncation: z.enum(["auto", "disabled"]).nullish(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    top_logprobs: z.literal(0, never("top_logprobs")).nullish(),
    conversation: z
      .null("there is no Conversations API here; go on from a response with previous_response_id")
      .optional(),
    prompt: z.null("there are no stored prompts here; send instructions and input").optional(),
    moderation: z.null(never("moderation")).optional(),
    user: z.string().max(1024).nullish(),
    safety_identifier: z.string().max(1024).nullish(),
    prompt_cache_key: z.string().max(1024).nullish(),
    service_tier: z.string().max(64).nullish(),
    max_tool_calls: z.number().int().nullish(),
  })
  .refine(({ background, store }) => !(background && store === false), {
    error: "a response in the background is kept until it is fetched: it needs store",
    path: ["background"],
  });
export type ResponsesRequest = z.infer<typeof responsesRequest>;
