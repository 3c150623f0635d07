/**
 * The tools that the model is to see at this point of a conversation: those that the request names, without what waits to
 * be asked for, and with what its messages have added and taken away since.
 */
import type { ClientTool, ToolChoice } from "../../sessions/index.ts";
import type { FamilyRequest } from "../turns/turns.ts";
import type { CountRequest, MessagesRequest } from "./model.ts";
import type { WireTool } from "./tools-model.ts";

type Tools = Pick<FamilyRequest, "tools" | "toolChoice" | "parallelToolCalls">;

export function parseTools(body: CountRequest): Tools {
  const { tool_choice: choice } = body;
  return {
    tools: toolsNow(body)?.map(toClientTool),
    ...(choice == null ? {} : { toolChoice: parseChoice(choice) }),
    parallelToolCalls: choice == null || choice.type === "none" || choice.disable_parallel_tool_use !== true,
  };
}

function toolsNow({ tools, messages }: CountRequest): WireTool[] | undefined {
  const given = tools?.filter((tool) => tool.type !== "search");
  // Who has the API search for tools gets all of them shown: nobody here would find one.
  const isSearched = tools?.some(({ type }) => type === "search") ?? false;
  let all = (given ?? []).map((tool) => ({ tool, shown: isSearched || tool.defer_loading !== true }));
  const show = (name: string, shown: boolean) => {
    for (const entry of all) if (entry.tool.name === name) entry.shown = shown;
  };
  const mayChange = all.some(({ shown }) => !shown) || messages.some(({ role }) => role === "system");
  for (const { role, content } of mayChange ? messages : []) {
    if (role === "assistant") continue;
    for (const block of content ?? []) {
      if (block.type === "tool_result" && typeof block.content === "object") {
        for (const part of block.content ?? []) if (part.type === "tool_reference") show(part.tool_name, true);
      }
      if (block.type !== "tool_addition" && block.type !== "tool_removal") continue;
      if (block.tool.type === "tool_reference") show(block.tool.name, block.type === "tool_addition");
      if (block.tool.type !== "tool_definition" || block.tool.definition.type === "search") continue;
      const added = block.tool.definition;
      all = [...all.filter(({ tool }) => tool.name !== added.name), { tool: added, shown: true }];
    }
  }
  if (!given && all.length === 0) return undefined;
  return all.flatMap(({ tool, shown }) => (shown ? [tool] : []));
}

const toClientTool = ({ name, description, input_schema: inputSchema }: WireTool): ClientTool => ({
  name,
  ...(description == null ? {} : { description }),
  inputSchema,
});

function parseChoice(choice: NonNullable<MessagesRequest["tool_choice"]>): ToolChoice {
  switch (choice.type) {
    case "auto":
    case "none":
      return { type: choice.type };
    case "any":
      return { type: "required" };
    case "tool":
      return { type: "tool", name: choice.name };
  }
}
