/** Items as they are kept and sent: each with an id that never changes. */
import type { HostedItem, InputItem, ItemReference } from "./input.ts";

export type Item = Exclude<InputItem, ItemReference | HostedItem> & { id: string };

const prefixes = {
  message: "msg",
  function_call: "fc",
  function_call_output: "fco",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  reasoning: "rs",
} as const satisfies Record<Item["type"], string>;

export const newId = (prefix: string): string => `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;

export const newItemId = (type: Item["type"]): string => newId(prefixes[type]);

/** With the id that its client gave it, or one of its own. */
export const withId = (item: Exclude<InputItem, ItemReference | HostedItem>): Item => ({
  ...item,
  id: item.id ?? newItemId(item.type),
});

/** As it is sent: a reasoning item's content for the next request only to those who asked for it. */
export function wireItem(item: Item, include: ReadonlySet<string>): object {
  if (item.type !== "reasoning") return { status: "completed", ...item };
  const { encrypted_content: content, ...rest } = item;
  return include.has("reasoning.encrypted_content") ? { ...rest, encrypted_content: content ?? null } : rest;
}
