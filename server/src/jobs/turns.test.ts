/** The messages of a run in their order, as the reply has them. */
import { expect, test } from "bun:test";
import type { AssistantBlock, SessionEvent } from "../sessions/index.ts";
import { Turns } from "./turns.ts";

const says = (...content: AssistantBlock[]): SessionEvent => ({ type: "assistant", uuid: "u", content });
const gives = (id: string, text: string, isError = false): SessionEvent => ({
  type: "tool_result",
  uuid: "u",
  result: { type: "tool_result", tool_use_id: id, content: [{ type: "text", text }], is_error: isError },
});
const turnsOf = (...events: SessionEvent[]) => {
  const turns = new Turns();
  for (const event of events) turns.push(event);
  return turns.all;
};

test("blocks that the CLI tells apart are one message; results in a row are one, too", () => {
  expect(
    turnsOf(
      says({ type: "thinking", thinking: "hm", signature: "s" }),
      says({ type: "text", text: "so" }),
      says({ type: "tool_use", id: "1", name: "Read", input: { file_path: "a" } }),
      says({ type: "tool_use", id: "2", name: "Read", input: {} }),
      gives("1", "one"),
      gives("2", "two", true),
      says({ type: "redacted_thinking", data: "x" }, { type: "text", text: "done" }),
    ),
  ).toEqual([
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm" },
        { type: "text", text: "so" },
        { type: "tool_use", id: "1", name: "Read", input: { file_path: "a" } },
        { type: "tool_use", id: "2", name: "Read", input: {} },
      ],
    },
    {
      role: "tool_result",
      content: [
        { type: "toolResult", toolUseId: "1", isError: false, content: "one" },
        { type: "toolResult", toolUseId: "2", isError: true, content: "two" },
      ],
    },
    { role: "assistant", content: [{ type: "text", text: "done" }] },
  ]);
});

test("what is too much is cut and marked", () => {
  const turns = turnsOf(...Array.from({ length: 5 }, (_, i) => gives(String(i), "x".repeat(5 * 1024 * 1024))));
  expect(JSON.stringify(turns).length).toBeLessThan(17 * 1024 * 1024);
  expect(turns[0]?.content.at(-1)).toEqual({
    type: "toolResult",
    toolUseId: "4",
    isError: false,
    content: "",
    truncated: true,
  });
});
