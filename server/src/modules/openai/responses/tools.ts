/** Between the tools of the Responses wire and those that a session knows: plain functions by one name each. */
import { ApiError } from "../../../http/errors.ts";
import type { ClientTool, ToolChoice } from "../../../sessions/index.ts";
import { customTool } from "../custom/tool.ts";
import type { ResponsesRequest } from "./model.ts";
import type { CustomTool, FunctionTool, WireTool, WireToolChoice } from "./tools-model.ts";

/** What a call is called on the wire. */
export interface CallName {
  type: "function" | "custom";
  name: string;
  namespace: string | undefined;
}

export interface Tools {
  tools: ClientTool[];
  toolChoice: ToolChoice | undefined;
  /** By the name that the session knows. */
  names: ReadonlyMap<string, CallName>;
  /** Those that nobody here can run, as the reply names them. */
  ignored: string[];
}

/** The name that a session knows a tool by. */
export const sessionName = (name: string, namespace: string | null | undefined): string =>
  namespace == null || namespace === "" ? name : `${namespace}__${name}`;

/** @throws ApiError for a name that is there twice and for a choice of a tool that is not offered */
export function readTools({ tools = [], tool_choice: choice }: ResponsesRequest): Tools {
  const names = new Map<string, CallName>();
  const offered: ClientTool[] = [];
  const ignored = new Set<string>();
  const offer = (tool: FunctionTool | CustomTool, namespace: string | undefined, param: string) => {
    const name = sessionName(tool.name, namespace);
    if (names.has(name)) {
      throw new ApiError("invalid_request", `${param}: there is a tool of the name ${tool.name} already.`, { param });
    }
    names.set(name, { type: tool.type, name: tool.name, namespace });
    offered.push(tool.type === "function" ? functionOf(tool, name) : customOf(tool, name));
  };
  for (const [index, tool] of (tools ?? []).entries()) {
    const param = `tools.${index}`;
    if (tool.type === "hosted") ignored.add(`tools.${tool.hosted}`);
    else if (tool.type === "namespace") {
      for (const [inner, one] of tool.tools.entries()) offer(one, tool.name, `${param}.tools.${inner}`);
    } else offer(tool, undefined, param);
  }
  if (typeof choice !== "object" || choice?.type !== "allowed_tools") {
    return { tools: offered, toolChoice: choiceOf(choice ?? undefined, names), names, ignored: [...ignored] };
  }
  const allowed = new Set(choice.tools.map(({ name }) => name));
  for (const name of allowed) requireTool(name, names);
  return {
    tools: offered.filter(({ name }) => allowed.has(name)),
    toolChoice: { type: choice.mode },
    names,
    ignored: [...ignored],
  };
}

/** As they were sent, for the reply. */
export const wireTools = (tools: readonly WireTool[]): object[] =>
  tools.map((tool) => {
    if (tool.type !== "hosted") return tool;
    const { hosted: type, ...rest } = tool;
    return { ...rest, type };
  });

function functionOf({ description, parameters }: FunctionTool, name: string): ClientTool {
  return {
    name,
    ...(description == null ? {} : { description }),
    inputSchema: parameters ?? { type: "object", properties: {} },
  };
}

const customOf = ({ description, format }: CustomTool, name: string): ClientTool =>
  customTool({ name, description, grammar: format });

function choiceOf(
  choice: Exclude<WireToolChoice, { type: "allowed_tools" }> | undefined,
  names: ReadonlyMap<string, CallName>,
): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice === "object") {
    requireTool(choice.name, names);
    return { type: "tool", name: choice.name };
  }
  if (choice === "required" && names.size === 0) {
    throw new ApiError(
      "invalid_request",
      "tool_choice: a call is required, but no function or custom tool is offered.",
      {
        param: "tool_choice",
      },
    );
  }
  return { type: choice };
}

function requireTool(name: string, names: ReadonlyMap<string, CallName>): void {
  if (names.has(name)) return;
  throw new ApiError("invalid_request", `tool_choice: there is no function or custom tool named ${name} in tools.`, {
    param: "tool_choice",
  });
}
