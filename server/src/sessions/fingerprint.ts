/**
 * The identity of a conversation, as clients see it. A stateless client sends the whole history each time; the
 * fingerprint of that history finds the session that holds it.
 *
 * Two histories have the same fingerprint when a client could not tell them apart: a string and a text block alike,
 * text split over blocks alike, thinking left out or sent back alike, calls of tools before or after the text of their
 * message, results of calls in any order. What was sent as a URL is that URL, whatever has been fetched from it and when.
 * Everything else counts, whitespace included.
 */
import type { AssistantBlock, DocumentBlock, ImageBlock, Message, UserBlock } from "./conversation.ts";

/** A hash in base64url. */
export type Fingerprint = string & { readonly brand: unique symbol };

/**
 * @param scope what a conversation belongs to apart from its words: system prompt, mode, folder. Conversations of
 * different scopes never meet.
 */
export function fingerprint(scope: string, messages: readonly Message[]): Fingerprint {
  let current = hash("scope", scope);
  for (const message of messages) current = extendFingerprint(current, message);
  return current;
}

/** The fingerprint of a conversation that goes on with one more message. Messages of one role in a row must be merged first. */
export function extendFingerprint(previous: Fingerprint, message: Message): Fingerprint {
  return hash(previous, message.role, ...canonicalParts(inOrder(message)));
}

const isCall = (block: AssistantBlock): boolean => block.type === "tool_use";

/** Chat clients have a message's calls apart from its text, and its results each in a message of its own. */
function inOrder(message: Message): readonly (UserBlock | AssistantBlock)[] {
  // Nearly all of a long conversation's messages.
  if (message.content.length === 1) return message.content;
  if (message.role === "assistant") {
    return [...message.content.filter((block) => !isCall(block)), ...message.content.filter(isCall)];
  }
  const results = message.content.filter((block) => block.type === "tool_result");
  results.sort((a, b) => (a.tool_use_id < b.tool_use_id ? -1 : 1));
  return [...results, ...message.content.filter((block) => block.type !== "tool_result")];
}

/** Length-prefixed, so that no two lists of parts run together into the same bytes. */
function hash(...parts: string[]): Fingerprint {
  let text = "";
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`;
  // All at once: it is done for each message of each request.
  return Bun.CryptoHasher.hash("sha256", text, "base64url") as Fingerprint;
}

function canonicalParts(blocks: readonly (UserBlock | AssistantBlock)[]): string[] {
  const parts: string[] = [];
  let text = "";
  const flush = () => {
    if (text !== "") parts.push("text", text);
    text = "";
  };
  for (const block of blocks) {
    switch (block.type) {
      case "text":
        text += block.text;
        break;
      case "thinking":
      case "redacted_thinking":
        // Clients may or may not send it back, and it says nothing that the answer does not.
        break;
      case "image":
      case "document":
        flush();
        parts.push(...mediaParts(block));
        break;
      case "tool_use":
        flush();
        parts.push("tool_use", block.id, block.name, stableJson(block.input));
        break;
      case "tool_result":
        flush();
        parts.push("tool_result", block.tool_use_id, String(block.is_error), ...canonicalParts(block.content));
        break;
    }
  }
  flush();
  return parts;
}

function mediaParts({ type, source, url }: ImageBlock | DocumentBlock): string[] {
  if (url !== undefined) return ["url", url];
  switch (source.type) {
    case "url":
      return ["url", source.url];
    case "base64":
    case "text":
      return [type, source.media_type, source.data];
    case "content": {
      const parts = canonicalParts(source.content);
      return [type, "content", String(parts.length), ...parts];
    }
  }
}

/** JSON with sorted keys: clients parse and print tool inputs again, and the order of keys is not theirs to keep. */
function stableJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "null"
  );
}
