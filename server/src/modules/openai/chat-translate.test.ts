/** What a completion says of a reply, whole and in chunks. */
import { expect, test } from "bun:test";
import type { ChatCompletionChunk } from "openai/resources";
import { noUsage, type ReplyEvent } from "../../sessions/index.ts";
import { collect } from "../turns/collect.ts";
import { chatRequest } from "./chat-model.ts";
import { ChunkWriter, parseRequest, toCompletion } from "./chat-translate.ts";

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

function deltasOf(events: ReplyEvent[]) {
  const writer = new ChunkWriter(false);
  const frames = events.flatMap((event) => writer.frames(event).split("\n\n"));
  const chunks = frames.filter((frame) => frame.startsWith("data: {")).map((frame) => frame.slice("data: ".length));
  return chunks.map((json) => (JSON.parse(json) as ChatCompletionChunk).choices[0]!);
}

test("a refusal has a place of its own, where a document was asked for", async () => {
  const events = reply("I must not.", { refusal: true });
  const { message, finish_reason } = toCompletion(await collect(each(events))).choices[0]!;
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
  expect(toCompletion(await collect(each(events))).choices[0]?.message).toMatchObject({
    content: "I may.",
    refusal: null,
  });
  const deltas = deltasOf(events);
  expect(deltas.map(({ delta }) => delta.content ?? "").join("")).toBe("I may.");
  expect(deltas.some(({ delta }) => typeof delta.refusal === "string")).toBe(false);
});
