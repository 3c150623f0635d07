/** From items to the conversation that a session knows, whether they were just sent or are kept from earlier responses. */
import { asReminder, type AssistantBlock, type Message, parseInput, type UserBlock } from "../../../sessions/index.ts";
import type { MediaBlock } from "../../turns/media/blocks.ts";
import { customInput } from "../custom/tool.ts";
import type { InputPart } from "./content.ts";
import type { HostedItem } from "./input.ts";
import type { Item } from "./items.ts";
import { contentBlock } from "./media.ts";
import { openThinking } from "./thinking.ts";
import { sessionName } from "./tools.ts";

export interface ItemConversation {
  /** What system and developer messages said before anybody else spoke; what they say later is told where they stand. */
  system: string | undefined;
  messages: Message[];
}

/**
 * @param known how many of the items are of earlier responses; the others are those of `input`
 * @throws ApiError for a part whose bytes are of no use
 */
export function toConversation(items: readonly (Item | HostedItem)[], known: number): ItemConversation {
  const system: string[] = [];
  const messages: Message[] = [];
  for (const [index, item] of items.entries()) {
    if (item.type === "message" && (item.role === "system" || item.role === "developer")) {
      const text = item.content.map((part) => part.text).join("");
      if (messages.length === 0) system.push(text);
      else messages.push(user([{ type: "text", text: asReminder(text) }]));
      continue;
    }
    const message = toMessage(item, index < known ? "previous_response_id" : `input.${index - known}`);
    if (message) messages.push(message);
  }
  return { system: system.length === 0 ? undefined : system.join("\n\n"), messages };
}

const user = (content: UserBlock[]): Message => ({ role: "user", content });
const assistant = (content: AssistantBlock[]): Message => ({ role: "assistant", content });

function toMessage(item: Item | HostedItem, param: string): Message | null {
  switch (item.type) {
    case "hosted":
      return null;
    case "message":
      if (item.role === "user") return user(contentBlocks(item.content, `${param}.content`));
      if (item.role !== "assistant") return null;
      return assistant([
        {
          type: "text",
          text: item.content.map((part) => (part.type === "refusal" ? part.refusal : part.text)).join(""),
        },
      ]);
    case "function_call":
    case "custom_tool_call": {
      // Cut off in the middle: nobody has run it, and its arguments are no JSON.
      if (item.status === "incomplete" || item.status === "in_progress") return null;
      const input = item.type === "function_call" ? parseInput(item.arguments) : customInput(item.input);
      const name = sessionName(item.name, item.namespace);
      return assistant([{ type: "tool_use", id: item.call_id, name, input }]);
    }
    case "function_call_output":
    case "custom_tool_call_output":
      return user([
        {
          type: "tool_result",
          tool_use_id: item.call_id,
          content: contentBlocks(item.output, `${param}.output`),
          is_error: false,
        },
      ]);
    case "reasoning": {
      const thinking = item.encrypted_content == null ? null : openThinking(item.encrypted_content);
      return thinking && assistant([thinking]);
    }
  }
}

const contentBlocks = (parts: readonly InputPart[], param: string): MediaBlock[] =>
  parts.map((part, index) => contentBlock(part, `${param}.${index}`));
