import type { ToolCall, ToolResult } from "./conversation.ts";
import type { RequestedCall } from "./directives.ts";
import { describeMedia } from "./media.ts";
import { message, say, toolUse, type Block, type MessagePlan } from "./plan.ts";
import { blocksOf, resultBlocks, type MessagesRequest } from "./request.ts";

/**
 * The names that the model may call. A deferred tool counts only once the conversation has loaded it: the CLI says so
 * with `tool_addition` blocks in messages of role `system`, or with `tool_reference` blocks in the result of a search.
 */
export function offeredTools(request: MessagesRequest): Set<string> {
  const loaded = loadedTools(request);
  const offered = new Set<string>();
  for (const { name, defer_loading } of request.tools ?? []) {
    if (name !== undefined && (defer_loading !== true || loaded.has(name))) offered.add(name);
  }
  return offered;
}

function loadedTools(request: MessagesRequest): Set<string> {
  const loaded = new Set<string>();
  for (const block of request.messages.flatMap((each) => blocksOf(each.content))) {
    const name = block.tool?.name ?? block.tool?.tool_name;
    if (block.type === "tool_addition" && name !== undefined) loaded.add(name);
    if (block.type === "tool_removal" && name !== undefined) loaded.delete(name);
    if (block.type !== "tool_result") continue;
    for (const part of resultBlocks(block)) {
      if (part.type === "tool_reference" && part.tool_name !== undefined) loaded.add(part.tool_name);
    }
  }
  return loaded;
}

/** The offered name for the one the user wrote: the name itself, or an MCP tool's name that ends with it. */
function resolveTool(name: string, offered: ReadonlySet<string>): string | undefined {
  if (offered.has(name)) return name;
  return [...offered].find((each) => each.startsWith("mcp__") && each.endsWith(`__${name}`));
}

export function callTools(calls: readonly RequestedCall[], offered: ReadonlySet<string>): MessagePlan {
  const missing: string[] = [];
  const uses: Block[] = [];
  for (const call of calls) {
    const name = resolveTool(call.name, offered);
    if (name === undefined) missing.push(`The tool ${call.name} was not offered to me.`);
    else uses.push(toolUse(name, call.input));
  }
  const said = missing.join("\n");
  if (uses.length === 0) return say(said);
  return message(said === "" ? uses : [{ type: "text", text: said }, ...uses], "tool_use");
}

/** `NAME -> RESULT` for each call, in the order of the calls and under the names that the user wrote. */
export function reportResults(
  calls: readonly ToolCall[],
  results: readonly ToolResult[],
  requested: readonly RequestedCall[],
): string {
  const unnamed = [...requested];
  const names = new Map(calls.map((call) => [call.id, asWritten(call.name, unnamed)]));
  const order = calls.map((call) => call.id);
  return results
    .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
    .map((result) => `${names.get(result.id) ?? result.id} -> ${result.isError ? "error: " : ""}${content(result)}`)
    .join("\n");
}

/** Takes the first request that this call can have come from, so that two calls of one tool keep their names. */
function asWritten(name: string, unnamed: RequestedCall[]): string {
  const index = unnamed.findIndex((call) => resolveTool(call.name, new Set([name])) !== undefined);
  return unnamed.splice(index, index < 0 ? 0 : 1)[0]?.name ?? name;
}

function content(result: ToolResult): string {
  return [...(result.text === "" ? [] : [result.text]), ...result.media.map(describeMedia)].join("\n");
}
