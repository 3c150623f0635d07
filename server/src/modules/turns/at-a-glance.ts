/** Validation of messages that is quick where there is nothing to find. */
import type { z } from "zod";

/**
 * A schema that takes a message of nothing but a role and text as it is, and looks into all others. Of a long conversation
 * nearly all are of that kind, and a client sends them all each time: to look into each took most of the time that such
 * a turn waited for the server.
 *
 * @param message takes a string as content for one block of text
 * @param roles whose messages may be text alone
 */
export function atAGlance<T extends z.ZodType>(message: T, roles: readonly string[]): T {
  const quick = message.clone();
  quick._zod.run = (payload, context) => {
    const value = glance(payload.value, roles);
    if (value === null) return message._zod.run(payload, context);
    payload.value = value;
    return payload;
  };
  return quick;
}

/** The message as the schema would make it; null when it has to be looked into. */
function glance(value: unknown, roles: readonly string[]): object | null {
  if (typeof value !== "object" || value === null) return null;
  const { role, content } = value as { role?: unknown; content?: unknown };
  if (typeof role !== "string" || !roles.includes(role) || !hasOnly(value, 2)) return null;
  if (typeof content === "string") return { role, content: [{ type: "text", text: content }] };
  return Array.isArray(content) && content.every(isText) ? { role, content } : null;
}

function isText(block: unknown): boolean {
  if (typeof block !== "object" || block === null) return false;
  const { type, text } = block as { type?: unknown; text?: unknown };
  return type === "text" && typeof text === "string" && hasOnly(block, 2);
}

function hasOnly(value: object, keys: number): boolean {
  let count = 0;
  for (const _ in value) if (++count > keys) return false;
  return count === keys;
}
