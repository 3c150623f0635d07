/** What a client sees of a turn that must give a document, whatever the model says beside it and however often it tries. */
import { describe, expect, test } from "bun:test";
import { noUsage, type SessionEvent, type StopReason } from "./events.ts";
import { Reply } from "./reply.ts";
import { Structured } from "./structured.ts";

type Block =
  | { draft: string; id?: string; json?: string[] }
  | { words: string }
  | { call: string; byClient?: boolean }
  | { thought: string };

const tool = "StructuredOutput";

function blockEvents(block: Block, index: number): SessionEvent[] {
  const [start, ...deltas]: SessionEvent[] =
    "draft" in block
      ? [
          { type: "block_start", index, block: { type: "tool_use", id: block.id ?? "d", name: tool } },
          ...(block.draft.match(/[^]{1,4}/g) ?? []).map((json): SessionEvent => ({
            type: "block_delta",
            index,
            delta: { type: "input_json", json },
          })),
        ]
      : "words" in block
        ? [
            { type: "block_start", index, block: { type: "text" } },
            { type: "block_delta", index, delta: { type: "text", text: block.words } },
          ]
        : "call" in block
          ? [
              {
                type: "block_start",
                index,
                block: { type: "tool_use", id: block.call, name: block.call },
                byClient: block.byClient ?? false,
              },
              { type: "block_delta", index, delta: { type: "input_json", json: "{}" } },
            ]
          : [
              { type: "block_start", index, block: { type: "thinking" } },
              { type: "block_delta", index, delta: { type: "thinking", thinking: block.thought } },
            ];
  return [start!, ...deltas, { type: "block_stop", index }];
}

const message = (blocks: Block[], stopReason: StopReason = "tool_use"): SessionEvent[] => [
  { type: "message_start", id: "msg", model: "m", usage: noUsage },
  ...blocks.flatMap(blockEvents),
  { type: "message_stop", stopReason, stopSequence: null, usage: noUsage },
];

const verdict = (fits: boolean, id = "d"): SessionEvent => ({
  type: "tool_result",
  uuid: "u",
  result: {
    type: "tool_result",
    tool_use_id: id,
    content: [{ type: "text", text: fits ? "given" : "/a: must be string" }],
    is_error: !fits,
  },
});

const result = (stopReason: StopReason = "tool_use", raw: Record<string, unknown> = {}): SessionEvent => ({
  type: "result",
  sessionId: "s",
  stopReason,
  stopSequence: null,
  text: "what the CLI takes for the answer",
  usage: noUsage,
  costUsd: 0,
  durationMs: 0,
  modelCalls: 1,
  raw,
});

function play(events: readonly SessionEvent[], live: boolean) {
  const structured = new Structured({ live });
  const reply = new Reply();
  const shown = events.flatMap((event) => structured.push(event)).flatMap((event) => reply.push(event));
  const open = new Set<number>();
  for (const event of shown) {
    if (event.type === "block_start") open.add(event.index);
    if (event.type === "block_delta") expect(open.has(event.index)).toBe(true);
    if (event.type === "block_stop") expect(open.delete(event.index)).toBe(true);
  }
  const stop = shown.find((event) => event.type === "stop");
  const { document, words, early } = structured;
  return { content: reply.content, stopReason: stop?.stopReason, shown, document, words, early };
}

const text = (words: string) => ({ type: "text" as const, text: words });
const json = '{"a":"b"}';

describe.each([true, false])("a document, shown while it is written: %p", (live) => {
  test("is the only text, and ends the reply as an answer does", () => {
    const events = [
      ...message([{ thought: "hm" }, { words: "Here:" }, { draft: json }, { words: "!" }]),
      verdict(true),
    ];
    const { content, stopReason, document, shown } = play([...events, result()], live);
    expect(content).toEqual([{ type: "thinking", thinking: "hm", signature: "" }, text(json)]);
    expect([document, stopReason]).toEqual([json, "end_turn"]);
    const pieces = shown.filter((event) => event.type === "block_delta" && event.delta.type === "text");
    expect(pieces.length > 1).toBe(live);
  });

  test("may have its verdict before its message is over", () => {
    const [stop, ...before] = message([{ draft: json }]).toReversed();
    const { content, stopReason } = play([...before.toReversed(), verdict(true), stop!, result()], live);
    expect([content, stopReason]).toEqual([[text(json)], "end_turn"]);
  });

  test("comes after tools of whichever kind", () => {
    const events = [...message([{ words: "First" }, { call: "Bash" }]), ...message([{ draft: json }]), verdict(true)];
    expect(play([...events, result()], live).content).toEqual([text(json)]);
    const held = play(message([{ words: "First" }, { call: "add", byClient: true }]), live);
    expect(held.content).toEqual([{ type: "tool_use", id: "add", name: "add", input: {} }]);
  });

  test("beside calls of the client is shown with them, as its verdict comes too late", () => {
    const { content } = play(message([{ draft: json }, { call: "add", byClient: true }]), live);
    expect(content).toContainEqual(text(json));
    expect(content).toHaveLength(2);
  });

  test("is the first that is taken", () => {
    const twice = message([{ draft: json }, { draft: '{"a":"c"}', id: "e" }]);
    expect(play([...twice, verdict(true), verdict(true, "e"), result()], live).content).toEqual([text(json)]);
  });

  test("is what the CLI says it is where the model was not seen to give it", () => {
    const events = [...message([{ words: "?" }], "end_turn"), result("end_turn", { structured_output: { a: "b" } })];
    expect(play(events, live).content).toEqual([text(json)]);
  });

  test("is not there when the model gives none, and the CLI's words do not take its place", () => {
    const { content, document, words } = play([...message([{ words: "No." }], "end_turn"), result("end_turn")], live);
    expect({ content, document, words }).toEqual({ content: [], document: null, words: "No." });
    expect(play([result("end_turn")], live).content).toEqual([]);
  });

  test("is refused in words, which are marked", () => {
    const events = [...message([{ words: "One no." }], "refusal"), ...message([{ words: "No." }], "refusal")];
    const { content, shown, stopReason, document } = play([...events, result("refusal")], live);
    expect({ content, document, stopReason }).toEqual({
      content: [text("No.")],
      document: null,
      stopReason: "refusal",
    });
    expect(shown).toContainEqual({ type: "block_start", index: 0, block: { type: "text" }, refusal: true });
  });

  test("is not a client's tool of the same name", () => {
    const { content } = play(message([{ call: tool, byClient: true }]), live);
    expect(content).toEqual([{ type: "tool_use", id: tool, name: tool, input: {} }]);
  });
});

describe("a draft that does not fit", () => {
  const better = [...message([{ words: "Then" }, { draft: json, id: "e" }]), verdict(true, "e")];

  test("is replaced where nobody has seen it", () => {
    const events = [...message([{ draft: '{"a":1}' }]), verdict(false), ...better, result()];
    expect(play(events, false)).toMatchObject({ content: [text(json)], early: null });
  });

  test("ends the reply where it was shown, when its message is over", () => {
    const [stop, ...before] = message([{ draft: '{"a":1}' }]).toReversed();
    const begun = [...before.toReversed(), verdict(false)];
    expect(play(begun, true).early).toBeNull();
    const over = play([...begun, stop!], true);
    expect(over.early).toEqual({ type: "rejected", why: "/a: must be string" });
    // Whatever still comes is not shown.
    expect(play([...begun, stop!, ...better], true).content).toEqual([text('{"a":1}')]);
  });

  test("is the best there is when no better one came", () => {
    const events = [...message([{ draft: '{"a":1}' }]), verdict(false), ...message([{ words: "Sorry." }], "end_turn")];
    expect(play([...events, result("end_turn")], false)).toMatchObject({ document: '{"a":1}', words: "Sorry." });
  });
});

describe("a draft that is cut off by the model's own limit", () => {
  const cut = message([{ draft: '{"a":"b' }], "max_tokens");

  test("ends the reply where it was shown, whatever the CLI makes of it", () => {
    const early = { type: "cut" as const, stopReason: "max_tokens" as const };
    expect(play(cut, true).early).toEqual(early);
    expect(play([...cut, verdict(false)], true).early).toEqual(early);
  });

  test("is shown as it is when nothing better came", () => {
    const { content, stopReason } = play([...cut, verdict(false), result("max_tokens")], false);
    expect([content, stopReason]).toEqual([[text('{"a":"b')], "max_tokens"]);
  });
});
