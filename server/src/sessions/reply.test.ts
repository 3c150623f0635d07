/** What a client sees of a turn: one well-formed message, whatever happened inside. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type BlockStart, noUsage, type SessionEvent } from "./events.ts";
import { Reply, type ReplyEvent } from "./reply.ts";

const started: SessionEvent = { type: "started", sessionId: "s", model: "m", tools: [] };

function message(
  stopReason: "end_turn" | "tool_use",
  ...blocks: { start: BlockStart; pieces?: string[] }[]
): SessionEvent[] {
  return [
    { type: "message_start", id: "msg_1", model: "m", usage: noUsage },
    ...blocks.flatMap(({ start, pieces = [] }, index): SessionEvent[] => [
      { type: "block_start", index, block: start },
      ...pieces.map((piece): SessionEvent => ({
        type: "block_delta",
        index,
        delta: start.type === "thinking" ? { type: "thinking", thinking: piece } : { type: "text", text: piece },
      })),
      { type: "block_stop", index },
    ]),
    { type: "message_stop", stopReason, stopSequence: null, usage: noUsage },
  ];
}

const result = (text = ""): SessionEvent => ({
  type: "result",
  sessionId: "s",
  stopReason: "end_turn",
  stopSequence: null,
  text,
  usage: { ...noUsage, outputTokens: 7 },
  costUsd: 0,
  durationMs: 0,
  modelCalls: 1,
  raw: {},
});

const text = (...pieces: string[]) => ({ start: { type: "text" as const }, pieces });
const call = { start: { type: "tool_use" as const, id: "t", name: "Bash" } };
const thinking = { start: { type: "thinking" as const }, pieces: ["hm"] };

function play(events: SessionEvent[], options?: { thinking: boolean }): { events: ReplyEvent[]; reply: Reply } {
  const reply = new Reply(options);
  return { events: events.flatMap((event) => reply.push(event)), reply };
}

test("the CLI's own calls stay hidden, and the text after one begins a paragraph", () => {
  const { reply, events } = play([
    started,
    ...message("tool_use", text("Let me ", "look."), call),
    ...message("end_turn", text("Done.")),
    result(),
  ]);
  expect(reply.content).toEqual([
    { type: "text", text: "Let me look." },
    { type: "text", text: "\n\nDone." },
  ]);
  expect(events.at(-1)).toMatchObject({ type: "stop", stopReason: "end_turn", usage: { outputTokens: 7 } });
});

test("a call without words before it adds no paragraph", () => {
  const { reply } = play([started, ...message("tool_use", call), ...message("end_turn", text("Done.")), result()]);
  expect(reply.content).toEqual([{ type: "text", text: "Done." }]);
});

test("thinking is shown to those who asked for it", () => {
  const events = [started, ...message("end_turn", thinking, text("a")), result()];
  expect(play(events).reply.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
  expect(play(events, { thinking: false }).reply.content).toEqual([{ type: "text", text: "a" }]);
});

test("an answer of the CLI itself, without a model message, is a message all the same", () => {
  const { events } = play([started, result("Compacted.")]);
  expect(events.map(({ type }) => type)).toEqual(["start", "block_start", "block_delta", "block_stop", "stop"]);
});

test("always one start, one stop, and blocks that only grow and never overlap", () => {
  const block = fc.constantFrom(text("a"), text("b", "c"), call, thinking);
  const messages = fc.array(fc.array(block, { maxLength: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(messages, fc.boolean(), (turns, shown) => {
      const inner = turns.flatMap((blocks) => message("tool_use", ...blocks));
      const { events } = play([started, ...inner, result("x")], { thinking: shown });
      expect(events.filter(({ type }) => type === "start")).toHaveLength(1);
      expect(events[0]?.type).toBe("start");
      expect(events.filter(({ type }) => type === "stop")).toHaveLength(1);
      expect(events.at(-1)?.type).toBe("stop");
      let next = 0;
      let open: number | undefined;
      for (const event of events) {
        if (event.type === "block_start") {
          expect(open).toBeUndefined();
          expect(event.index).toBe(next++);
          open = event.index;
        } else if (event.type === "block_delta") expect(event.index).toBe(open as number);
        else if (event.type === "block_stop") {
          expect(event.index).toBe(open as number);
          open = undefined;
        }
      }
      expect(open).toBeUndefined();
    }),
  );
});

test("a client's own calls are seen, input and all, and end the message", () => {
  const pieces = ['{"city":', '"Oslo"}'];
  const { reply, events } = play([
    started,
    ...message("tool_use", text("Let me look."), call),
    { type: "message_start", id: "msg_2", model: "m", usage: noUsage },
    { type: "block_start", index: 0, block: { type: "tool_use", id: "a", name: "weather" }, byClient: true },
    ...pieces.map((json): SessionEvent => ({ type: "block_delta", index: 0, delta: { type: "input_json", json } })),
    { type: "block_stop", index: 0 },
    { type: "block_start", index: 1, block: { type: "tool_use", id: "b", name: "time" }, byClient: true },
    { type: "block_stop", index: 1 },
    { type: "message_stop", stopReason: "tool_use", stopSequence: null, usage: noUsage },
    { type: "calls_held", calls: [], usage: { ...noUsage, outputTokens: 5 } },
  ]);
  expect(reply.content).toEqual([
    { type: "text", text: "Let me look." },
    { type: "tool_use", id: "a", name: "weather", input: { city: "Oslo" } },
    { type: "tool_use", id: "b", name: "time", input: {} },
  ]);
  expect(events.flatMap((event) => ("index" in event ? event.index : []))).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2]);
  expect(events.at(-1)).toMatchObject({ type: "stop", stopReason: "tool_use", usage: { outputTokens: 5 } });
});

test("input that is no JSON is kept as the text that it is", () => {
  const { reply } = play([
    started,
    { type: "block_start", index: 0, block: { type: "tool_use", id: "a", name: "t" }, byClient: true },
    { type: "block_delta", index: 0, delta: { type: "input_json", json: '{"cut' } },
    { type: "block_stop", index: 0 },
  ]);
  expect(reply.content).toEqual([{ type: "tool_use", id: "a", name: "t", input: { arguments: '{"cut' } }]);
});
