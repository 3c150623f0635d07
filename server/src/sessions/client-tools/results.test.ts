/** Which results a conversation must have, and which of them a held call can take. */
import { describe, expect, test } from "bun:test";
import type { Message, ToolResultBlock } from "../conversation.ts";
import { SessionError } from "../errors.ts";
import { checkResults, fitsHeldCall, toMcpResult } from "./results.ts";

const user = (...content: Message["content"]): Message => ({ role: "user", content }) as Message;
const calls = (...ids: string[]): Message => ({
  role: "assistant",
  content: ids.map((id) => ({ type: "tool_use", id, name: "t", input: {} })),
});
const result = (id: string, text = "x"): ToolResultBlock => ({
  type: "tool_result",
  tool_use_id: id,
  content: [{ type: "text", text }],
  is_error: false,
});
const words = { type: "text" as const, text: "hi" };

describe("a conversation", () => {
  test.each<[string, Message[]]>([
    ["without calls", [user(words), { role: "assistant", content: [words] }, user(words)]],
    ["with all results, in any order", [user(words), calls("a", "b"), user(result("b"), result("a"), words)]],
    ["of two rounds", [user(words), calls("a"), user(result("a")), calls("b"), user(result("b"))]],
  ])("%s is whole", (_, messages) => expect(() => checkResults(messages, true)).not.toThrow());

  test.each<[string, Message[], string]>([
    ["a call without a result", [user(words), calls("a", "b"), user(result("a"))], "b"],
    ["a call that was passed over", [user(words), calls("a"), user(words)], "a"],
    ["a call long ago", [user(words), calls("a"), user(words), calls("b"), user(result("b"))], "a"],
    ["two results for one call", [user(words), calls("a"), user(result("a"), result("a"))], "a"],
    ["a result of no call", [user(words), calls("a"), user(result("a"), result("c"))], "c"],
    ["a result out of nowhere", [user(result("z"))], "z"],
  ])("%s is refused by its id", (_, messages, id) => {
    let error: unknown;
    try {
      checkResults(messages, true);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SessionError);
    expect((error as SessionError).message).toContain(` ${id}`);
  });

  test("whose beginning only the session knows may begin with results", () => {
    expect(() => checkResults([user(result("z"))], false)).not.toThrow();
  });
});

test("a held call takes text of any reasonable length, and nothing that the CLI would change", () => {
  expect(fitsHeldCall(result("a", "x".repeat(400_000)))).toBe(true);
  expect(fitsHeldCall(result("a", "x".repeat(400_001)))).toBe(false);
  expect(fitsHeldCall({ ...result("a", "x".repeat(8001)), is_error: true })).toBe(false);
  const image = { type: "image" as const, source: { type: "base64" as const, media_type: "image/png", data: "AAAA" } };
  expect(fitsHeldCall({ ...result("a"), content: [image] })).toBe(false);
});

test("no output is said to be none, and an error stays one", () => {
  expect(toMcpResult({ ...result("a"), content: [] })).toEqual({ content: [{ type: "text", text: "(no output)" }] });
  expect(toMcpResult({ ...result("a", "no"), is_error: true })).toEqual({
    content: [{ type: "text", text: "no" }],
    isError: true,
  });
});
