/** Calls and their results in a conversation: which belongs to which, and whether all is there. */
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { type Message, textOf, type ToolResultBlock, type UserBlock } from "../conversation.ts";
import { SessionError } from "../errors.ts";

/** Characters of one result that the CLI hands to the model as they are; it cuts what is longer, or puts it into a file. */
const maxTextLength = 400_000;
const maxErrorLength = 8_000;

/** A user's message: the results that it brings, and what else it says. */
export function splitResults(content: readonly UserBlock[]): { results: ToolResultBlock[]; rest: UserBlock[] } {
  const results: ToolResultBlock[] = [];
  const rest: UserBlock[] = [];
  for (const block of content) {
    if (block.type === "tool_result") results.push(block);
    else rest.push(block);
  }
  return { results, rest };
}

/**
 * Each call must be answered once, in the very next message, as the Messages API has it.
 *
 * @param messages merged: no two of one role in a row
 * @param wholeHistory false when the session knows calls that these messages do not show
 * @throws SessionError `invalid_request` that names the call
 */
export function checkResults(messages: readonly Message[], wholeHistory: boolean): void {
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant") {
      open = message.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
      continue;
    }
    const { results } = splitResults(message.content);
    const answered = new Set<string>();
    for (const { tool_use_id: id } of results) {
      if (answered.has(id)) throw wrong(`there are several results for the tool call ${id}; send one.`);
      answered.add(id);
      if (!open.includes(id) && (wholeHistory || index > 0)) {
        throw wrong(`there is a result for the tool call ${id}, which the message before it does not make.`);
      }
    }
    const missing = open.filter((id) => !answered.has(id));
    if (missing.length > 0) {
      throw wrong(
        `there is no result for ${missing.length === 1 ? "the tool call" : "the tool calls"} ${missing.join(", ")}. ` +
          "Every tool call must have its result in the message that follows; a call that was not made can have an error for a result.",
      );
    }
    open = [];
  }
}

const wrong = (what: string) => new SessionError("invalid_request", `messages: ${what}`);

/**
 * Whether a call that is held can be answered with this as it is. To an image the CLI adds where on this machine it put a
 * copy, and it hands on no documents.
 */
export function fitsHeldCall({ content, is_error: isError }: ToolResultBlock): boolean {
  if (content.some(({ type }) => type !== "text")) return false;
  return textOf(content).length <= (isError ? maxErrorLength : maxTextLength);
}

/** Of a result that fits. */
export function toMcpResult({ content, is_error: isError }: ToolResultBlock): CallToolResult {
  const parts = content.flatMap((block) =>
    block.type === "text" ? [{ type: "text" as const, text: block.text }] : [],
  );
  // For nothing at all the CLI has words of its own, with its own name of the tool in them.
  const said = textOf(content).trim() === "" ? [{ type: "text" as const, text: "(no output)" }] : parts;
  return { content: said, ...(isError ? { isError: true } : {}) };
}
