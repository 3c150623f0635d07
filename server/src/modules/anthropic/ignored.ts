/** What a request asks for that is accepted and has no effect. The reply names it, so that nobody is left to wonder. */
import type { CountRequest } from "./model.ts";

/** What counts as not asked for, beside nothing at all. */
const fields: Record<string, readonly unknown[]> = {
  temperature: [],
  top_p: [],
  top_k: [],
  service_tier: ["auto", "standard_only"],
  speed: ["standard"],
  container: [],
  context_management: [],
  fallbacks: [],
  inference_geo: [],
};

export function ignoredFields(body: CountRequest): string[] {
  const named = Object.entries(fields).flatMap(([name, usual]) => {
    const value = body[name];
    return value == null || usual.includes(value) ? [] : [name];
  });
  const searches = body.tools?.flatMap((tool) => (tool.type === "search" ? [`tools.${tool.search}`] : [])) ?? [];
  return [...named, ...searches, ...ignoredThinking(body), ...ignoredContent(body)];
}

function ignoredThinking({ thinking }: CountRequest): string[] {
  if (thinking?.type === "between_tools") return ["thinking.type"];
  // It comes with whatever words it has.
  return thinking && "display" in thinking && thinking.display === "omitted" ? ["thinking.display"] : [];
}

/** Blocks that only Anthropic's servers know what to do with, and citations, which only they can make. */
function ignoredContent({ messages }: CountRequest): string[] {
  const found = new Set<string>();
  for (const { content } of messages) {
    for (const block of content ?? []) {
      if (block.type === "text") continue;
      if (block.type === "hosted") found.add(`messages.${block.hosted}`);
      else if (wantsCitations(block)) found.add("citations");
      else if (block.type === "tool_result" && typeof block.content === "object") {
        if (block.content?.some(wantsCitations)) found.add("citations");
      }
    }
  }
  return [...found];
}

const wantsCitations = (block: { type: string; citations?: unknown }): boolean =>
  typeof block.citations === "object" &&
  block.citations !== null &&
  "enabled" in block.citations &&
  block.citations.enabled === true;
