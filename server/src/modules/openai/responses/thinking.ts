/**
 * The model's thinking as a reasoning item carries it: whole and with its signature, in a form that only comes back
 * here. Not a secret, only opaque.
 */
import { z } from "zod";

const thinking = z.discriminatedUnion("type", [
  z.object({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal("redacted_thinking"), data: z.string() }),
]);
export type Thinking = z.infer<typeof thinking>;

const prefix = "lodge1.";

export const sealThinking = (block: Thinking): string =>
  prefix + Buffer.from(JSON.stringify(block)).toString("base64url");

/** Null for what another service made, which means nothing to this model. */
export function openThinking(sealed: string): Thinking | null {
  if (!sealed.startsWith(prefix)) return null;
  try {
    const text = Buffer.from(sealed.slice(prefix.length), "base64url").toString();
    return thinking.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
