/** The items that a request's input is made of: what is new in a conversation, or all of it. */
import { z } from "zod";
import { assistantContent, inputContent, systemContent } from "./content.ts";

const id = z.string().min(1).max(256);
const optionalId = id.nullish();
const callId = z.string().min(1).max(256);
/** Incomplete ones are what was left when a response was cut off. */
const status = z.enum(["in_progress", "completed", "incomplete"]).nullish();

const message = z.discriminatedUnion(
  "role",
  [
    z.looseObject({ type: z.literal("message"), role: z.literal("user"), content: inputContent, id: optionalId }),
    z.looseObject({ type: z.literal("message"), role: z.literal("system"), content: systemContent, id: optionalId }),
    z.looseObject({ type: z.literal("message"), role: z.literal("developer"), content: systemContent, id: optionalId }),
    z.looseObject({
      type: z.literal("message"),
      role: z.literal("assistant"),
      content: assistantContent,
      id: optionalId,
      status,
    }),
  ],
  { error: "role must be user, assistant, system or developer" },
);

const functionCall = z.looseObject({
  type: z.literal("function_call"),
  call_id: callId,
  name: z.string().min(1).max(256),
  namespace: z.string().max(256).nullish(),
  arguments: z.string(),
  id: optionalId,
  status,
});
const customToolCall = z.looseObject({
  type: z.literal("custom_tool_call"),
  call_id: callId,
  name: z.string().min(1).max(256),
  namespace: z.string().max(256).nullish(),
  input: z.string(),
  id: optionalId,
  status,
});
const functionCallOutput = z.looseObject({
  type: z.literal("function_call_output"),
  call_id: callId,
  output: inputContent,
  id: optionalId,
});
const customToolCallOutput = z.looseObject({
  type: z.literal("custom_tool_call_output"),
  call_id: callId,
  output: inputContent,
  id: optionalId,
});
const reasoning = z.looseObject({
  type: z.literal("reasoning"),
  id: optionalId,
  summary: z.array(z.looseObject({ type: z.literal("summary_text"), text: z.string() })),
  encrypted_content: z.string().nullish(),
  status,
});
const reference = z.looseObject({ type: z.literal("item_reference"), id });
/** By the type that it was sent with. */
const hosted = z
  .looseObject({ type: z.literal("hosted"), hosted: z.string() })
  .describe("What another service did with tools of its own, of any such type, which is accepted and left out.");

const item = z.preprocess(
  withType,
  z.discriminatedUnion(
    "type",
    [message, functionCall, functionCallOutput, customToolCall, customToolCallOutput, reasoning, reference, hosted],
    {
      error:
        "must be message, function_call, function_call_output, custom_tool_call, custom_tool_call_output, reasoning or item_reference",
    },
  ),
);

/** Histories that were begun elsewhere hold these: calls of hosted tools with what came of them, and notes of a service. */
const hostedTypes = new Set(
  [
    "web_search_call file_search_call code_interpreter_call image_generation_call",
    "tool_search_call tool_search_output mcp_call mcp_list_tools mcp_approval_request mcp_approval_response",
    "local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call apply_patch_call_output",
    "computer_call computer_call_output program program_output additional_tools configuration_update compaction",
  ].flatMap((names) => names.split(" ")),
);

/** Messages and references may leave out what they are. */
function withType(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value && value.type != null) {
    const isHosted = typeof value.type === "string" && hostedTypes.has(value.type);
    return isHosted ? { type: "hosted", hosted: value.type } : value;
  }
  if ("role" in value) return { ...value, type: "message" };
  return "id" in value ? { ...value, type: "item_reference" } : value;
}

export const input = z.preprocess(
  (value) => (typeof value === "string" ? [{ type: "message", role: "user", content: value }] : value),
  z
    .array(item, { error: "must be a string or a list of items" })
    .min(1)
    .max(100_000)
    .describe("A list of items, or a string for one message of the user. A message's content may be a string too."),
);

export type InputItem = z.infer<typeof input>[number];
export type ItemReference = Extract<InputItem, { type: "item_reference" }>;
export type HostedItem = Extract<InputItem, { type: "hosted" }>;
