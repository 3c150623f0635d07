/** From the tools of a Chat Completions request to those that a session knows. */
import { ApiError } from "../../../http/errors.ts";
import type { ClientTool, ToolChoice } from "../../../sessions/index.ts";
import type { FamilyRequest } from "../../turns/turns.ts";
import { customTool } from "../custom/tool.ts";
import type { ChatRequest } from "./model.ts";
import type { ChosenTool, WireTool } from "./tools-model.ts";

type Tools = Pick<FamilyRequest, "tools" | "toolChoice" | "parallelToolCalls">;

/** @throws ApiError for a choice among tools that are not there */
export function parseTools({ tools, tool_choice: choice, parallel_tool_calls: parallel }: ChatRequest): Tools {
  const offered = tools?.map(toClientTool);
  const rules = { parallelToolCalls: parallel ?? true };
  if (choice == null) return { tools: offered, ...rules };
  if (typeof choice !== "object" || choice.type !== "allowed_tools") {
    return { tools: offered, toolChoice: toChoice(choice), ...rules };
  }
  const allowed = new Set(choice.allowed_tools.tools.map(nameOf));
  for (const name of allowed) {
    if (offered?.some((tool) => tool.name === name)) continue;
    throw new ApiError("invalid_request", `tool_choice: there is no tool named ${JSON.stringify(name)}.`, {
      param: "tool_choice",
    });
  }
  return {
    tools: offered?.filter(({ name }) => allowed.has(name)),
    toolChoice: { type: choice.allowed_tools.mode },
    ...rules,
  };
}

/** Names of the tools whose input is text as it is. */
export const customNames = ({ tools }: ChatRequest): ReadonlySet<string> =>
  new Set(tools?.flatMap((tool) => (tool.type === "custom" ? [tool.custom.name] : [])));

function toClientTool(tool: WireTool): ClientTool {
  if (tool.type === "custom") {
    const { name, description, format } = tool.custom;
    return customTool({ name, description, grammar: format?.type === "grammar" ? format.grammar : null });
  }
  const { name, description, parameters } = tool.function;
  return {
    name,
    ...(description == null ? {} : { description }),
    inputSchema: parameters ?? { type: "object", properties: {} },
  };
}

const toChoice = (choice: "none" | "auto" | "required" | ChosenTool): ToolChoice =>
  typeof choice === "string" ? { type: choice } : { type: "tool", name: nameOf(choice) };

const nameOf = (choice: ChosenTool): string => (choice.type === "custom" ? choice.custom.name : choice.function.name);
