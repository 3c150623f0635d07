/**
 * The internal model of a conversation: the content blocks of the Anthropic Messages API, narrowed to what a session
 * can hold. Every wire format is translated to this on its way in.
 */

export interface TextBlock {
  type: "text";
  text: string;
}

export interface ImageBlock {
  type: "image";
  source: { type: "base64"; media_type: string; data: string };
}

export interface DocumentBlock {
  type: "document";
  source: { type: "base64"; media_type: string; data: string };
  title?: string;
}

export interface ThinkingBlock {
  type: "thinking";
  thinking: string;
  signature: string;
}

export interface RedactedThinkingBlock {
  type: "redacted_thinking";
  data: string;
}

export interface ToolUseBlock {
  type: "tool_use";
  id: string;
  name: string;
  input: unknown;
}

export interface ToolResultBlock {
  type: "tool_result";
  tool_use_id: string;
  content: (TextBlock | ImageBlock | DocumentBlock)[];
  is_error: boolean;
}

export type UserBlock = TextBlock | ImageBlock | DocumentBlock | ToolResultBlock;
export type AssistantBlock = TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock;

export interface UserMessage {
  role: "user";
  content: UserBlock[];
}

export interface AssistantMessage {
  role: "assistant";
  content: AssistantBlock[];
}

export type Message = UserMessage | AssistantMessage;

/** What one turn is made of: what was said before it, and what is new. */
export interface SplitConversation {
  /** Up to and with the last assistant message; empty on a new conversation. */
  history: Message[];
  /** What the user said since. Never empty. */
  input: UserBlock[];
}

/**
 * Splits a conversation at its last assistant message. Messages in a row of one role become one, as the Messages API
 * itself reads them, so that equal conversations look equal.
 *
 * Returns null when there is nothing for the model to answer: no message, or an assistant message last.
 */
export function splitConversation(messages: readonly Message[]): SplitConversation | null {
  const merged = mergeRuns(messages);
  const last = merged.at(-1);
  if (last?.role !== "user" || last.content.length === 0) return null;
  return { history: merged.slice(0, -1), input: last.content };
}

function mergeRuns(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last?.role === "user" && message.role === "user") last.content.push(...message.content);
    else if (last?.role === "assistant" && message.role === "assistant") last.content.push(...message.content);
    else merged.push({ ...message, content: [...message.content] } as Message);
  }
  return merged;
}

/** All text of a message's blocks, joined as it was streamed: with nothing between. */
export function textOf(blocks: readonly (UserBlock | AssistantBlock)[]): string {
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
}
