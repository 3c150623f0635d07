/**
 * The internal model of a conversation: the content blocks of the Anthropic Messages API, narrowed to what a session
 * can hold. Every wire format is translated to this on its way in.
 */
import { SessionError } from "./errors.ts";

export interface TextBlock {
  type: "text";
  text: string;
}

export interface Base64Source {
  type: "base64";
  media_type: string;
  data: string;
}

/** What the client has elsewhere and nobody has fetched. */
export interface UrlSource {
  type: "url";
  url: string;
  /** Where in the client's request it stands. */
  field: string;
}

/** What a client sent as an address is known by it, fetched or not: it will send the same again, and no bytes. */
interface FromUrl {
  url?: string;
}

export interface ImageBlock extends FromUrl {
  type: "image";
  source: Base64Source | UrlSource;
}

export interface DocumentBlock extends FromUrl {
  type: "document";
  source:
    | Base64Source
    | UrlSource
    | { type: "text"; media_type: "text/plain"; data: string }
    | { type: "content"; content: (TextBlock | ImageBlock)[] };
  title?: string;
  /** What its client says of it. */
  context?: string;
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

/** As the Messages API takes it: without what only matters here. */
export function forModel(content: readonly UserBlock[]): UserBlock[] {
  return content.map((block): UserBlock => {
    switch (block.type) {
      case "text":
        return block;
      case "tool_result":
        return { ...block, content: forModel(block.content) as ToolResultBlock["content"] };
      case "image": {
        const { url: _, ...rest } = block;
        return { ...rest, source: fetched(block.source) };
      }
      case "document": {
        const { url: _, ...rest } = block;
        const source = fetched(block.source);
        if (source.type !== "content") return { ...rest, source };
        return { ...rest, source: { ...source, content: forModel(source.content) as (TextBlock | ImageBlock)[] } };
      }
    }
  });
}

function fetched<S extends { type: string }>(source: S | UrlSource): Exclude<S, UrlSource> {
  if (source.type !== "url") return source as Exclude<S, UrlSource>;
  throw new SessionError("invalid_request", "messages: an image or a document has not been fetched from its URL.");
}

/** All text of a message's blocks, joined as it was streamed: with nothing between. */
export function textOf(blocks: readonly (UserBlock | AssistantBlock)[]): string {
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
}
