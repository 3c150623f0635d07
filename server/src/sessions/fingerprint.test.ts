/** Which histories are the same to a client, and which are not. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AssistantBlock, ImageBlock, Message, UserBlock } from "./conversation.ts";
import { extendFingerprint, fingerprint } from "./fingerprint.ts";

const user = (...content: UserBlock[]): Message => ({ role: "user", content });
const assistant = (...content: AssistantBlock[]): Message => ({ role: "assistant", content });
const text = (value: string) => ({ type: "text" as const, text: value });
const of = (...messages: Message[]) => fingerprint("scope", messages);

test("text counts, not how it is split over blocks", () => {
  expect(of(user(text("ab"), text("c")))).toBe(of(user(text("abc"))));
});

test("whitespace counts", () => {
  expect(of(user(text("a ")))).not.toBe(of(user(text("a"))));
});

test("thinking may be sent back or left out", () => {
  const thinking = { type: "thinking" as const, thinking: "hm", signature: "s" };
  expect(of(user(text("a")), assistant(thinking, text("b")))).toBe(of(user(text("a")), assistant(text("b"))));
});

test("the order of keys in a tool's input does not count, its values do", () => {
  const call = (input: unknown) => of(assistant({ type: "tool_use", id: "t", name: "n", input }));
  expect(call({ a: 1, b: { c: 2, d: 3 } })).toBe(call({ b: { d: 3, c: 2 }, a: 1 }));
  expect(call({ a: 1 })).not.toBe(call({ a: 2 }));
});

test("calls may stand before or after the text of their message, and results in any order; which is whose counts", () => {
  const call = (id: string) => ({ type: "tool_use" as const, id, name: "n", input: {} });
  const result = (id: string, words: string): UserBlock => ({
    type: "tool_result",
    tool_use_id: id,
    content: [text(words)],
    is_error: false,
  });
  expect(of(assistant(call("a"), text("x"), call("b")))).toBe(of(assistant(text("x"), call("a"), call("b"))));
  expect(of(assistant(call("a"), call("b")))).not.toBe(of(assistant(call("b"), call("a"))));
  expect(of(user(result("b", "B"), text("x"), result("a", "A")))).toBe(
    of(user(result("a", "A"), result("b", "B"), text("x"))),
  );
  expect(of(user(result("a", "B"), result("b", "A")))).not.toBe(of(user(result("a", "A"), result("b", "B"))));
});

test("scope, role and place count", () => {
  expect(fingerprint("other", [user(text("a"))])).not.toBe(of(user(text("a"))));
  expect(of(user(text("a")))).not.toBe(of(assistant(text("a"))));
  expect(of(user(text("a")), assistant(text("b")))).not.toBe(of(user(text("b")), assistant(text("a"))));
});

test("what was sent as a URL is that URL, fetched or not, whatever was fetched; bytes are those bytes", () => {
  const url = "https://example.com/a.png";
  const bytes = (data: string) => ({ type: "base64" as const, media_type: "image/png", data });
  const image = (more: Omit<ImageBlock, "type">): UserBlock => ({ type: "image", ...more });
  const unfetched = of(user(image({ source: { type: "url", url, field: "messages.0.content.0" } })));
  expect(of(user(image({ source: { type: "url", url, field: "elsewhere" }, url })))).toBe(unfetched);
  expect(of(user(image({ source: bytes("AAAA"), url })))).toBe(unfetched);
  expect(of(user(image({ source: bytes("BBBB"), url })))).toBe(unfetched);
  expect(of(user({ type: "document", source: { type: "text", media_type: "text/plain", data: "a" }, url }))).toBe(
    unfetched,
  );
  expect(of(user(image({ source: bytes("AAAA"), url: `${url}?2` })))).not.toBe(unfetched);
  expect(of(user(image({ source: bytes("AAAA") })))).not.toBe(of(user(image({ source: bytes("BBBB") }))));
  expect(of(user(image({ source: bytes("AAAA") })))).not.toBe(unfetched);
});

test("a document's own parts are not those of its message", () => {
  const document = (...words: string[]): UserBlock => ({
    type: "document",
    source: { type: "content", content: words.map(text) },
  });
  expect(of(user(document("a", "b")))).toBe(of(user(document("ab"))));
  expect(of(user(document("a"), text("b")))).not.toBe(of(user(document("a", "b"))));
  expect(of(user(document(), text("b")))).not.toBe(of(user(document("b"))));
});

test("text cannot pass for another message or another block", () => {
  const messages = fc.array(fc.tuple(fc.constantFrom("user", "assistant"), fc.string()), { maxLength: 4 });
  const build = (pairs: [string, string][]) =>
    of(...pairs.map(([role, value]) => (role === "user" ? user(text(value)) : assistant(text(value)))));
  fc.assert(
    fc.property(messages, messages, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(build(a) === build(b)).toBe(same);
    }),
  );
});

test("a longer conversation's fingerprint grows from the shorter one's", () => {
  const first = of(user(text("a")));
  expect(extendFingerprint(first, assistant(text("b")))).toBe(of(user(text("a")), assistant(text("b"))));
});
