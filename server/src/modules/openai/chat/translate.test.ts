/** What a request says to the session, and what a completion says of a reply, whole and in chunks. */
import { describe, expect, test } from "bun:test";
import type { ChatCompletionChunk } from "openai/resources";
import { noUsage, type ReplyEvent } from "../../../sessions/index.ts";
import { collect } from "../../turns/collect.ts";
import { chatRequest } from "./model.ts";
import { ChunkWriter, toCompletion } from "./reply.ts";
import { parseRequest } from "./request.ts";

/** A reply of one text. */
const reply = (text: string, { refusal }: { refusal: boolean }): ReplyEvent[] => [
  { type: "start", id: "msg_1", model: "m", usage: noUsage },
  { type: "block_start", index: 0, block: { type: "text" }, ...(refusal ? { refusal } : {}) },
  ...text.split(/(?= )/).map((piece): ReplyEvent => ({
    type: "block_delta",
    index: 0,
    delta: { type: "text", text: piece },
  })),
  { type: "block_stop", index: 0 },
  { type: "stop", stopReason: refusal ? "refusal" : "end_turn", stopSequence: null, usage: noUsage },
];

async function* each(events: ReplyEvent[]): AsyncGenerator<ReplyEvent> {
  yield* events;
}

const custom: ReadonlySet<string> = new Set(["patch"]);

function deltasOf(events: ReplyEvent[]) {
  const writer = new ChunkWriter(false, custom);
  const frames = events.flatMap((event) => writer.frames(event).split("\n\n"));
  const chunks = frames.filter((frame) => frame.startsWith("data: {")).map((frame) => frame.slice("data: ".length));
  return chunks.map((json) => (JSON.parse(json) as ChatCompletionChunk).choices[0]!);
}

test("a refusal has a place of its own, where a document was asked for", async () => {
  const events = reply("I must not.", { refusal: true });
  const { message, finish_reason } = toCompletion(await collect(each(events)), custom).choices[0]!;
  expect({ ...message, finish_reason }).toMatchObject({
    content: null,
    refusal: "I must not.",
    finish_reason: "content_filter",
  });
  // Sent back it is what was said.
  const next = [{ role: "user", content: "?" }, message, { role: "user", content: "!" }];
  const { messages } = parseRequest(chatRequest.parse({ messages: next }));
  expect(messages[1]?.content).toEqual([{ type: "text", text: "I must not." }]);
  const deltas = deltasOf(events);
  expect(deltas.map(({ delta }) => delta.refusal ?? "").join("")).toBe("I must not.");
  expect(deltas.some(({ delta }) => typeof delta.content === "string")).toBe(false);
  expect(deltas.at(-1)?.finish_reason).toBe("content_filter");
});

test("anything else said is the content", async () => {
  const events = reply("I may.", { refusal: false });
  expect(toCompletion(await collect(each(events)), custom).choices[0]?.message).toMatchObject({
    content: "I may.",
    refusal: null,
  });
  const deltas = deltasOf(events);
  expect(deltas.map(({ delta }) => delta.content ?? "").join("")).toBe("I may.");
  expect(deltas.some(({ delta }) => typeof delta.refusal === "string")).toBe(false);
});

describe("a custom tool's call", () => {
  /** @param pieces of the arguments, as the model writes them */
  const called = (pieces: string[]): ReplyEvent[] => [
    { type: "start", id: "msg_1", model: "m", usage: noUsage },
    { type: "block_start", index: 0, block: { type: "tool_use", id: "c1", name: "patch" } },
    ...pieces.map((json): ReplyEvent => ({ type: "block_delta", index: 0, delta: { type: "input_json", json } })),
    { type: "block_stop", index: 0 },
    { type: "stop", stopReason: "tool_use", stopSequence: null, usage: noUsage },
  ];

  test.each([
    [['{"in', 'put": "one\\n', 'two"}'], "one\ntwo"],
    [['{"other": 1}'], '{"other":1}'],
    [[], ""],
  ] as [string[], string][])("of %j has its text as it is", async (pieces, input) => {
    const events = called(pieces);
    const deltas = deltasOf(events).flatMap(({ delta }) => delta.tool_calls ?? []);
    expect(deltas[0]).toEqual({ index: 0, id: "c1", type: "custom", custom: { name: "patch", input: "" } });
    for (const delta of deltas.slice(1)) expect(Object.keys(delta)).toEqual(["index", "custom"]);
    const streamed = deltas.map((delta) => delta.custom?.input ?? "").join("");
    expect(streamed.replaceAll(" ", "")).toBe(input);
    const { message } = toCompletion(await collect(each(events)), custom).choices[0]!;
    expect(message.tool_calls).toEqual([{ id: "c1", type: "custom", custom: { name: "patch", input } }]);
    // Sent back it is what the model wrote.
    const history = [{ role: "user", content: "?" }, message, { role: "tool", tool_call_id: "c1", content: "done" }];
    const { messages } = parseRequest(chatRequest.parse({ messages: history }));
    expect(messages[1]?.content).toEqual([{ type: "tool_use", id: "c1", name: "patch", input: { input } }]);
  });
});

describe("a request", () => {
  const parse = (body: object) => parseRequest(chatRequest.parse(body));

  test("tells a system message where it stands; those at the beginning are the system prompt", () => {
    const { system, messages } = parse({
      messages: [
        { role: "system", content: "a" },
        { role: "developer", content: "b" },
        { role: "user", content: "hi" },
        { role: "system", content: "c" },
      ],
    });
    expect(system).toBe("a\n\nb");
    expect(messages.map(({ content }) => content)).toEqual([
      [{ type: "text", text: "hi" }],
      [{ type: "text", text: "<system-reminder>\nc\n</system-reminder>" }],
    ]);
  });

  test("may have null, and calls that do not say what they are, in its history", () => {
    const call = { id: "c1", function: { name: "look", arguments: "{}" } };
    const { messages } = parse({
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b", tool_calls: null, function_call: null, refusal: null, audio: null },
        { role: "user", content: "c" },
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "c1", content: "d" },
      ],
      stream_options: { include_usage: null },
    });
    expect(messages[1]?.content).toEqual([{ type: "text", text: "b" }]);
    expect(messages[3]?.content).toEqual([{ type: "tool_use", id: "c1", name: "look", input: {} }]);
  });

  test("names what has no effect, and only that", () => {
    const messages = [{ role: "user", content: "hi" }];
    const usual = { service_tier: "auto", verbosity: "medium", prediction: null, temperature: null, store: true };
    expect(parse({ messages, ...usual }).ignored).toEqual([]);
    const more = { service_tier: "flex", verbosity: "low", web_search_options: {}, logit_bias: {} };
    expect(parse({ messages, ...more }).ignored).toEqual([
      "logit_bias",
      "service_tier",
      "verbosity",
      "web_search_options",
    ]);
  });

  const named = (name: string) => ({ type: "function", function: { name } });
  test("offers the tools that it allows", () => {
    const patch = { type: "custom", custom: { name: "patch" } };
    const body = { messages: [{ role: "user", content: "hi" }], tools: [named("a"), named("b"), patch] };
    const allowed = (mode: string, tools: object[]) => ({ type: "allowed_tools", allowed_tools: { mode, tools } });
    const { tools, toolChoice } = parse({ ...body, tool_choice: allowed("required", [named("b"), patch]) });
    expect([tools?.map(({ name }) => name), toolChoice]).toEqual([["b", "patch"], { type: "required" }]);
    expect(parse({ ...body, tool_choice: patch }).toolChoice).toEqual({ type: "tool", name: "patch" });
    expect(() => parse({ ...body, tool_choice: allowed("auto", [named("c")]) })).toThrow('there is no tool named "c"');
  });
});
