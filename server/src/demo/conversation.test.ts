import { describe, expect, test } from "bun:test";
import { readConversation } from "./conversation.ts";
import type { ContentBlock, Message } from "./request.ts";

const REMINDER = "<system-reminder>\nAttribution for git commits\n</system-reminder>\n";
const text = (value: string): ContentBlock => ({ type: "text", text: value });
const user = (...content: ContentBlock[]): Message => ({ role: "user", content });
const assistant = (...content: ContentBlock[]): Message => ({ role: "assistant", content });
const result = (id: string, value: string): ContentBlock => ({ type: "tool_result", tool_use_id: id, content: value });
const call = (id: string, name = "Bash"): ContentBlock => ({ type: "tool_use", id, name, input: {} });
const environment: Message = { role: "system", content: "# Environment\nlinux" };

const texts = (...messages: Message[]): string[] => readConversation(messages).turns.map((turn) => turn.text);
const waiting = (...messages: Message[]) => readConversation(messages).waiting;

describe("the user's turns", () => {
  test("leave out the reminders and the messages of role system", () => {
    expect(texts(user(text(REMINDER), text("one")), environment)).toEqual(["one"]);
    expect(texts(user(text(`one\n\n${REMINDER}`)), environment)).toEqual(["one"]);
  });

  test("leave out what an agent says of its surroundings before the user speaks", () => {
    const surroundings = "<environment_context>\n  <cwd>/work</cwd>\n</environment_context>";
    expect(texts(user(text(surroundings), text("one")))).toEqual(["one"]);
    expect(texts(user(text(`What is ${surroundings}?`)))).toEqual([`What is ${surroundings}?`]);
  });

  test("keep the white space of a text that had no reminder in it", () => {
    expect(texts({ role: "user", content: " one\n\n" })).toEqual([" one\n\n"]);
  });

  test("join the parts of one message", () => {
    expect(texts(user(text("one"), text("two")))).toEqual(["one\ntwo"]);
  });

  test("part what the CLI has merged after a failed turn", () => {
    expect(texts(user(text("one\n"), text("two")))).toEqual(["one", "two"]);
  });

  test("part what the CLI has merged around an interruption", () => {
    const merged = user(text("one\n"), text("[Request interrupted by user]\n"), text("two"));
    expect(texts(merged)).toEqual(["one", "two"]);
  });

  test("do not count tool results", () => {
    const messages = [user(text("one")), assistant(call("a")), user(result("a", "ok")), assistant(text("fine"))];
    expect(texts(...messages, user(text("two")))).toEqual(["one", "two"]);
  });

  test("carry their images, and count when they have nothing else", () => {
    const image: ContentBlock = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const origin = text("[Image: source: /tmp/1.png]");
    expect(readConversation([user(image, text("look\n"), origin)]).turns).toEqual([
      { text: "look", media: [{ kind: "image", type: "image/png", bytes: 3 }] },
    ]);
    expect(texts(user(image))).toEqual([""]);
  });

  test("include what was said while the model was at work", () => {
    const queued = "The user sent a new message while you were working:\ntwo\n\nThis is how Claude Code surfaces it.";
    const messages: Message[] = [user(text("one")), assistant(call("a")), user(result("a", "ok"))];
    expect(texts(...messages, { role: "system", content: queued })).toEqual(["one", "two"]);
    expect(waiting(...messages, { role: "system", content: queued })).toEqual({ kind: "user" });
  });
});

describe("what the model has to react to", () => {
  test("is the user's text, a reminder behind it or not", () => {
    expect(waiting(user(text("one")), environment)).toEqual({ kind: "user" });
    expect(waiting(user(text("one"), text(REMINDER)))).toEqual({ kind: "user" });
  });

  test("is the tool results, with the calls that they answer", () => {
    const messages = [user(text("one")), assistant(call("a")), assistant(call("b")), user(result("b", "2"))];
    expect(waiting(...messages, user(result("a", "1"), text(REMINDER)))).toMatchObject({
      kind: "results",
      calls: [{ id: "a" }, { id: "b" }],
      results: [
        { id: "b", text: "2" },
        { id: "a", text: "1" },
      ],
    });
  });

  test("is the tool results without the reminders that stand in them", () => {
    const reminder = text("<system-reminder>\n<total_tokens>1 tokens left</total_tokens>\n</system-reminder>");
    const said = (...content: ContentBlock[]) => {
      const answer: ContentBlock = { type: "tool_result", tool_use_id: "a", content };
      const found = waiting(user(text("one")), assistant(call("a")), user(answer));
      return found.kind === "results" ? found.results.map((each) => each.text) : [];
    };
    expect(said(text("a result\n"), reminder)).toEqual(["a result"]);
    expect(said(reminder)).toEqual([""]);
    expect(said(text("a result\n"))).toEqual(["a result\n"]);
  });

  test("is a new text, when one stands behind the results", () => {
    expect(waiting(user(text("one")), assistant(call("a")), user(result("a", "1"), text("two")))).toEqual({
      kind: "user",
    });
  });

  test.each([
    ["<system-reminder>\n<task-notification>done</task-notification>\n</system-reminder>", "notice"],
    ["Stop hook feedback:\ntry harder", "notice"],
    ["[structured-output-enforce] You MUST call the StructuredOutput tool", "again"],
    ["Your response above was stopped by a safety classifier — this is not an error.", "again"],
    ["Output token limit hit. Resume directly — no apology", "resume"],
    ["CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.", "summary"],
    ["[SUGGESTION MODE: Suggest what the user might naturally type next]", "suggestion"],
  ] as const)("is the CLI's own word, after an answer: %s", (word, says) => {
    const messages = [user(text("one")), assistant(text("answer")), user(text(word))];
    expect(waiting(...messages)).toEqual({ kind: "machine", says });
    expect(texts(...messages)).toEqual(["one"]);
  });

  test("is a summary even when the user's text before it has no answer yet", () => {
    expect(waiting(user(text("one\n"), text("CRITICAL: Respond with TEXT ONLY.")))).toEqual({
      kind: "machine",
      says: "summary",
    });
  });
});

test("what was said is counted from the last turn on", () => {
  const messages = [user(text("one")), assistant(text("first")), user(text("two")), assistant(text("half"))];
  expect(readConversation([...messages, user(text("Output token limit hit."))]).said).toBe("half");
});
