import { parseObject, type Directive } from "./directives.ts";
import { message, say, toolUse, type MessagePlan } from "./plan.ts";
import type { JsonSchema, MessagesRequest } from "./request.ts";
import { instanceOf } from "./schema-instance.ts";

/** The tool by which the CLI asks for structured output; its `input_schema` is the caller's schema. */
export const STRUCTURED_TOOL = "StructuredOutput";

/** How the answer must be shaped: as the text of the reply, or as the input of the CLI's tool. */
export interface Structure {
  readonly via: "text" | "tool";
  readonly schema: JsonSchema;
}

export function structureOf(request: MessagesRequest): Structure | undefined {
  const tool = request.tools?.find((each) => each.name === STRUCTURED_TOOL);
  if (tool) return { via: "tool", schema: tool.input_schema ?? {} };
  const format = request.output_config?.format ?? request.output_format;
  if (format?.type !== "json_schema") return undefined;
  return { via: "text", schema: format.schema ?? {} };
}

/**
 * The answer in the shape asked for. `echo: {json}` chooses the instance, right or wrong; `echo:` with anything else
 * disobeys the schema, so that the caller's own check can be seen at work.
 */
export function structuredReply(structure: Structure, directive: Directive): MessagePlan {
  const draft = directive.kind === "draft" && structure.via === "tool" ? parseObject(directive.text) : undefined;
  if (draft) return withWords("Here is a draft.", draft);
  const chosen = directive.kind === "echo" ? parseObject(directive.text) : instanceOf(structure.schema);
  if (directive.kind === "echo" && (chosen === undefined || structure.via === "text")) return say(directive.text);
  if (structure.via === "text") return say(JSON.stringify(chosen));
  return message([toolUse(STRUCTURED_TOOL, isObject(chosen) ? chosen : {})], "tool_use");
}

/** The answer after one that was refused. */
export function betterDraft(structure: Structure): MessagePlan {
  const instance = instanceOf(structure.schema);
  return withWords("Then this.", isObject(instance) ? instance : {});
}

const withWords = (text: string, answer: Record<string, unknown>): MessagePlan =>
  message([{ type: "text", text }, toolUse(STRUCTURED_TOOL, answer)], "tool_use");

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
