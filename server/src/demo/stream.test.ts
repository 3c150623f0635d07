import { expect, test } from "bun:test";
import { failure, message, say, toolUse, type MessagePlan } from "./plan.ts";
import { beatsOf, brokenBeatsOf, finished, totalPause, type Beat } from "./stream.ts";

const envelope = { model: "claude-demo", inputTokens: 12 };
const beats = (plan: MessagePlan): Beat[] => [...beatsOf(plan, envelope)];
const events = (plan: MessagePlan) => beats(plan).flatMap((beat) => ("event" in beat ? [beat.event] : []));
const deltas = (plan: MessagePlan) =>
  events(plan).flatMap((event) => (event.type === "content_block_delta" ? [event.delta] : []));

test("events come in the order of the real API", () => {
  expect(events(say("one two")).map((event) => event.type)).toEqual([
    "message_start",
    "ping",
    "content_block_start",
    "content_block_delta",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
});

test("usage starts with the input and ends with the total", () => {
  const all = events(say("one two three"));
  expect(all[0]).toMatchObject({ message: { content: [], stop_reason: null, usage: { input_tokens: 12 } } });
  expect(all.at(-2)).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } });
});

test("what is cached is neither counted twice nor lost", () => {
  const usage = { input_tokens: 4, cache_read_input_tokens: 4, cache_creation_input_tokens: 4 };
  const all = events({ ...say("x"), cached: true });
  expect(all[0]).toMatchObject({ message: { usage } });
  expect(all.at(-2)).toMatchObject({ usage });
  expect(finished({ ...say("x"), cached: true }, { ...envelope, inputTokens: 14 }).usage).toMatchObject({
    ...usage,
    input_tokens: 6,
  });
});

test("an answer that breaks off ends within its first block, with the failure or with nothing", () => {
  const broken = (plan?: ReturnType<typeof failure>) =>
    [...brokenBeatsOf({ kind: "broken", message: say("one two"), failure: plan }, envelope)].flatMap((beat) =>
      "event" in beat ? [beat.event] : [],
    );
  const half = ["message_start", "ping", "content_block_start", "content_block_delta", "content_block_delta"];
  expect(broken().map(({ type }) => type)).toEqual([...half] as never[]);
  const failed = broken(failure(529, "overloaded_error", "Busy."));
  expect(failed.map(({ type }) => type)).toEqual([...half, "error"] as never[]);
  expect(failed.at(-1)).toEqual({ type: "error", error: { type: "overloaded_error", message: "Busy." } });
});

test("text comes word by word, and together is the text", () => {
  const text = "  one\ttwo\n\nthree — 🙂 four \n";
  const pieces = deltas(say(text)).map((delta) => (delta.type === "text_delta" ? delta.text : ""));
  expect(pieces.length).toBeGreaterThan(4);
  expect(pieces.join("")).toBe(text);
});

test("a very long text comes in larger pieces", () => {
  const pieces = deltas(say("ab ".repeat(40_000)));
  expect(pieces.length).toBe(120);
});

test("a signature comes whole, after the thinking", () => {
  const plan = message([{ type: "thinking", thinking: "a b", signature: "c2lnbmVk" }]);
  expect(deltas(plan)).toEqual([
    { type: "thinking_delta", thinking: "a" },
    { type: "thinking_delta", thinking: " b" },
    { type: "signature_delta", signature: "c2lnbmVk" },
  ]);
});

test("a tool's input comes in pieces of JSON", () => {
  const input = { command: "echo a rather long command", timeout: 5 };
  const pieces = deltas(message([toolUse("Bash", input)], "tool_use")).map((delta) =>
    delta.type === "input_json_delta" ? delta.partial_json : "",
  );
  expect(pieces.length).toBeGreaterThan(1);
  expect(JSON.parse(pieces.join(""))).toEqual(input);
});

test("slow words have a pause between each two, streamed or not", () => {
  const plan = message([{ type: "text", text: "word1 word2 word3", pauseMs: 50 }]);
  expect(beats(plan).filter((beat) => "pauseMs" in beat)).toEqual([{ pauseMs: 50 }, { pauseMs: 50 }]);
  expect(totalPause(plan)).toBe(100);
  expect(totalPause(say("one two"))).toBe(0);
});

test("one message holds what the stream tells", () => {
  expect(finished(message([{ type: "text", text: "no" }], "refusal"), envelope)).toMatchObject({
    type: "message",
    role: "assistant",
    model: "claude-demo",
    content: [{ type: "text", text: "no" }],
    stop_reason: "refusal",
    stop_details: { type: "refusal" },
    usage: { input_tokens: 12, output_tokens: 1 },
  });
});
