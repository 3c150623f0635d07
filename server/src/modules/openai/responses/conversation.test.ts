/** From items to the conversation that a session knows: who said what, what stays out, and which part is wrong. */
import { describe, expect, test } from "bun:test";
import { toConversation } from "./conversation.ts";
import { input } from "./input.ts";
import { type Item, withId } from "./items.ts";
import { sealThinking } from "./thinking.ts";

const itemsOf = (items: unknown): Item[] =>
  input.parse(items).map((item) => {
    if (item.type === "item_reference" || item.type === "hosted") throw new Error("that is no item");
    return withId(item);
  });
const conversation = (items: unknown) => toConversation(itemsOf(items), 0);
const base64 = (text: string) => Buffer.from(text).toString("base64");
const user = (...content: object[]) => [{ role: "user", content }];

describe("who said what", () => {
  test("a string is the user's", () => {
    expect(conversation("hi")).toEqual({
      system: undefined,
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
    });
  });

  test("system and developer messages are the system prompt at the beginning, and reminders later", () => {
    const { system, messages } = conversation([
      { role: "system", content: "a" },
      { role: "developer", content: [{ type: "input_text", text: "b" }] },
      { role: "user", content: "hi" },
      { role: "developer", content: "c" },
    ]);
    expect(system).toBe("a\n\nb");
    expect(messages.flatMap(({ content }): readonly object[] => content)).toEqual([
      { type: "text", text: "hi" },
      { type: "text", text: "<system-reminder>\nc\n</system-reminder>" },
    ]);
  });

  test("calls, their outputs and thinking are blocks of their own", () => {
    const thinking = { type: "thinking", thinking: "hm", signature: "s" } as const;
    const { messages } = conversation([
      { role: "user", content: "go" },
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: sealThinking(thinking) },
      { type: "function_call", call_id: "c1", name: "send", namespace: "mail", arguments: '{"a":1}' },
      { type: "custom_tool_call", call_id: "c2", name: "patch", input: "text" },
      { type: "function_call_output", call_id: "c1", output: "sent" },
      { type: "custom_tool_call_output", call_id: "c2", output: [{ type: "input_text", text: "done" }] },
    ]);
    expect(messages.slice(1).flatMap(({ content }): readonly object[] => content)).toEqual([
      thinking,
      { type: "tool_use", id: "c1", name: "mail__send", input: { a: 1 } },
      { type: "tool_use", id: "c2", name: "patch", input: { input: "text" } },
      { type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "sent" }], is_error: false },
      { type: "tool_result", tool_use_id: "c2", content: [{ type: "text", text: "done" }], is_error: false },
    ]);
  });
});

test("calls that were cut off and thinking of other services stay out", () => {
  const { messages } = conversation([
    { role: "user", content: "go" },
    { type: "reasoning", summary: [{ type: "summary_text", text: "x" }], encrypted_content: "gAAAAA" },
    { type: "reasoning", summary: [], encrypted_content: `lodge1.${base64("{}")}` },
    { type: "reasoning", summary: [], encrypted_content: "lodge1.nothing" },
    { type: "function_call", call_id: "c1", name: "f", arguments: '{"a":', status: "incomplete" },
  ]);
  expect(messages).toHaveLength(1);
});

describe("files", () => {
  test("are documents or texts, with their names", () => {
    const { messages } = conversation(
      user(
        { type: "input_file", filename: "a.pdf", file_data: `data:application/pdf;base64,${base64("%PDF-1.7")}` },
        { type: "input_file", filename: "a.txt", file_data: `data:text/plain;charset=utf-8;base64,${base64("ünï")}` },
        { type: "input_image", image_url: `data:image/PNG;base64,${base64("GIF89a")}` },
        { type: "input_file", filename: "b.pdf", file_url: "https://example.com/b.pdf" },
      ),
    );
    expect(messages[0]?.content).toEqual([
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: base64("%PDF-1.7") },
        title: "a.pdf",
      },
      { type: "text", text: "a.txt:\n\nünï" },
      { type: "image", source: { type: "base64", media_type: "image/gif", data: base64("GIF89a") } },
      {
        type: "document",
        source: { type: "url", url: "https://example.com/b.pdf", field: "input.0.content.3.file_url" },
        url: "https://example.com/b.pdf",
        title: "b.pdf",
      },
    ]);
  });

  test.each([
    [{ type: "input_file", file_data: `data:application/zip;base64,${base64("PK")}` }, "content.1.file_data"],
    [{ type: "input_file", file_url: "ftp://example.com/a.pdf" }, "content.1.file_url"],
    [{ type: "input_image", image_url: "data:image/png,abc" }, "content.1.image_url"],
  ])("%j is refused where it stands", (part, where) => {
    const items = itemsOf([
      ...user({ type: "input_text", text: "old" }),
      ...user({ type: "input_text", text: "new" }, part),
    ]);
    expect(() => toConversation(items, 1)).toThrow(`input.0.${where}: `);
  });
});
