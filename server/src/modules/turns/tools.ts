/** What a request says of the client's tools, checked, as a session takes it; the same for every family. */
import { ApiError } from "../../http/errors.ts";
import type { CallRules, ClientTool } from "../../sessions/index.ts";
import type { FamilyRequest } from "./turns.ts";

/** @throws ApiError that names the field */
export function toolsOf(family: FamilyRequest): { clientTools: ClientTool[]; calls: CallRules } {
  const { tools = [], toolChoice: choice = { type: "auto" }, parallelToolCalls: parallel = true } = family;
  if (choice.type !== "auto" && choice.type !== "none" && tools.length === 0) {
    throw wrong("asks for a tool call, but no tools are given.");
  }
  if (choice.type === "tool" && !tools.some(({ name }) => name === choice.name)) {
    throw wrong(`there is no tool named ${JSON.stringify(choice.name)}.`);
  }
  return { clientTools: choice.type === "none" ? [] : tools.map(withObjectSchema), calls: { choice, parallel } };
}

/**
 * A conversation that ends in calls has nothing in it for the model to answer.
 *
 * @throws ApiError that names the calls
 */
export function requireResults({ messages }: FamilyRequest): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return;
  const calls = last.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
  if (calls.length === 0) return;
  throw new ApiError(
    "invalid_request",
    `The conversation ends in tool calls that have no result yet: ${calls.join(", ")}. Send what came of them after it.`,
  );
}

const wrong = (message: string) => new ApiError("invalid_request", `tool_choice: ${message}`, { param: "tool_choice" });

/** Whether a request is a client's that executes tools itself: one that brings some, or a history with calls of some. */
export const bringsTools = ({ tools = [], messages }: FamilyRequest): boolean =>
  tools.length > 0 ||
  messages.some(({ role, content }) => role === "assistant" && content.some(({ type }) => type === "tool_use"));

/** The CLI takes only schemas of objects; one that does not say so can mean nothing else. */
function withObjectSchema(tool: ClientTool, index: number): ClientTool {
  const { type } = tool.inputSchema;
  if (type === "object") return tool;
  if (type === undefined) return { ...tool, inputSchema: { type: "object", ...tool.inputSchema } };
  throw new ApiError(
    "invalid_request",
    `tools.${index}: the schema of the input of ${JSON.stringify(tool.name)} must have the type "object".`,
    { param: "tools" },
  );
}
