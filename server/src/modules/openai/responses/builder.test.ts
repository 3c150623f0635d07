/** The events of a response, from a turn's events: their order, their numbers, and that nothing is lost between them. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { ApiError } from "../../../http/errors.ts";
import type { BlockDelta, BlockStart, ReplyEvent, StopReason } from "../../../sessions/index.ts";
import { ResponseBuilder } from "./builder.ts";
import { responsesRequest } from "./model.ts";
import { newHead } from "./response.ts";
import { openThinking } from "./thinking.ts";
import type { CallName } from "./tools.ts";

const usage = { inputTokens: 3, outputTokens: 4, cacheReadTokens: 5, cacheCreationTokens: 6 };
const start: ReplyEvent = { type: "start", id: "msg_1", model: "claude-x", usage };
const stop = (stopReason: StopReason = "end_turn"): ReplyEvent => ({
  type: "stop",
  stopReason,
  stopSequence: null,
  usage,
});

/** A block in pieces. */
const block = (index: number, begin: BlockStart, ...deltas: BlockDelta[]): ReplyEvent[] => [
  { type: "block_start", index, block: begin },
  ...deltas.map((delta): ReplyEvent => ({ type: "block_delta", index, delta })),
  { type: "block_stop", index },
];
const say = (index: number, ...words: string[]) =>
  block(index, { type: "text" }, ...words.map((text): BlockDelta => ({ type: "text", text })));
const call = (index: number, name: string, ...pieces: string[]) =>
  block(
    index,
    { type: "tool_use", id: `toolu_${index}`, name },
    ...pieces.map((json): BlockDelta => ({ type: "input_json", json })),
  );
const think = (index: number, ...words: string[]) =>
  block(index, { type: "thinking" }, ...words.map((thinking): BlockDelta => ({ type: "thinking", thinking })), {
    type: "signature",
    signature: "signed",
  });

const names = new Map<string, CallName>([
  ["add", { type: "function", name: "add", namespace: undefined }],
  ["mail__send", { type: "function", name: "send", namespace: "mail" }],
  ["patch", { type: "custom", name: "patch", namespace: undefined }],
]);

function builderOf({ summary = false, include = [] as string[], background = false } = {}) {
  const body = responsesRequest.parse({ input: "hi", background });
  return new ResponseBuilder({
    head: newHead(body, 1_800_000_000_000),
    names,
    summary,
    include: new Set(include),
    now: () => 1_800_000_001_000,
  });
}

const typesOf = (events: readonly ResponseStreamEvent[]) => events.map(({ type }) => type.replace(/^response\./, ""));
const build = (events: readonly ReplyEvent[], builder = builderOf()) => ({
  events: events.flatMap((event) => builder.push(event)),
  builder,
});

describe("the order of events", () => {
  test("of a message", () => {
    const { events } = build([start, ...say(0, "one ", "two"), stop()]);
    expect(typesOf(events)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
  });

  test("of thinking in words, a message and a call", () => {
    const builder = builderOf({ summary: true });
    const { events } = build(
      [start, ...think(0, "hm"), ...say(1, "x"), ...call(2, "add", '{"a":', "1}"), stop("tool_use")],
      builder,
    );
    const added = "output_item.added";
    const done = "output_item.done";
    const words = "reasoning_summary_text.delta";
    expect(typesOf(events).slice(2).join(" ")).toBe(
      [
        `${added} reasoning_summary_part.added ${words} reasoning_summary_text.done reasoning_summary_part.done ${done}`,
        `${added} content_part.added output_text.delta output_text.done content_part.done ${done}`,
        `${added} function_call_arguments.delta function_call_arguments.delta function_call_arguments.done ${done}`,
        "completed",
      ].join(" "),
    );
  });

  test("of one that waits for its turn", () => {
    const builder = builderOf({ background: true });
    const events = [...builder.queue(), ...build([start, stop()], builder).events];
    expect(typesOf(events)).toEqual(["created", "queued", "in_progress", "completed"]);
    expect(events.map((event) => ("response" in event ? event.response.status : null))).toEqual([
      "queued",
      "queued",
      "in_progress",
      "completed",
    ]);
  });
});

describe("items", () => {
  test("text that goes on after the CLI's own tools stays one message, and no word makes none", () => {
    const { builder } = build([start, ...say(0, "one"), ...say(1, "\n\n", "two"), ...say(2, ""), stop()]);
    expect(builder.output).toMatchObject([{ type: "message", content: [{ type: "output_text", text: "one\n\ntwo" }] }]);
  });

  test("a call has the client's name, in its namespace", () => {
    const { builder } = build([start, ...call(0, "mail__send", '{"to":"x"}'), ...call(1, "add"), stop("tool_use")]);
    expect(builder.output).toMatchObject([
      { type: "function_call", name: "send", namespace: "mail", call_id: "toolu_0", arguments: '{"to":"x"}' },
      { type: "function_call", name: "add", call_id: "toolu_1", arguments: "{}", status: "completed" },
    ]);
    expect(builder.head.status).toBe("completed");
  });

  test("a custom tool's input comes out of its wrapping as it is written", () => {
    const text = '*** Begin\n"quoted" \\ tab\t ünïcödé 😀 end';
    const json = JSON.stringify({ input: text }).replace("😀", String.raw`\ud83d\ude00`);
    for (const size of [1, 2, 3, 5, 7, 1000]) {
      const pieces = json.match(new RegExp(`.{1,${size}}`, "gs"))!;
      const { events, builder } = build([start, ...call(0, "patch", ...pieces), stop("tool_use")]);
      const deltas = events.flatMap((event) =>
        event.type === "response.custom_tool_call_input.delta" ? [event.delta] : [],
      );
      expect(deltas.join("")).toBe(text);
      expect(deltas.every((delta) => delta.isWellFormed())).toBe(true);
      if (size < 5) expect(deltas.length).toBeGreaterThan(5);
      expect(builder.output).toMatchObject([{ type: "custom_tool_call", name: "patch", input: text }]);
    }
  });

  test("a custom tool's input of another shape comes whole", () => {
    for (const json of ['{"text":"x"}', '{ "other": 1, "input": "last" }', `{"${"x".repeat(200)}":1}`]) {
      const { builder } = build([start, ...call(0, "patch", ...json.split("")), stop("tool_use")]);
      const parsed = JSON.parse(json) as { input?: string };
      expect(builder.output).toMatchObject([{ input: parsed.input ?? json }]);
    }
  });

  test("thinking is kept with its signature, and sealed for those who asked", () => {
    const reply = [start, ...think(0, "deep"), ...block(1, { type: "redacted_thinking", data: "dark" }), stop()];
    for (const include of [[], ["reasoning.encrypted_content"]]) {
      const { builder, events } = build(reply, builderOf({ include }));
      const kept = builder.output.map((item) => (item.type === "reasoning" ? item.encrypted_content : null));
      expect(kept.map((sealed) => openThinking(sealed!))).toEqual([
        { type: "thinking", thinking: "deep", signature: "signed" },
        { type: "redacted_thinking", data: "dark" },
      ]);
      const sent = [...events.filter(({ type }) => type === "response.output_item.done"), builder.response];
      for (const event of sent) expect(JSON.stringify(event).includes("lodge1.")).toBe(include.length > 0);
      expect(JSON.stringify(sent)).not.toContain("deep");
    }
  });
});

describe("the end", () => {
  test.each([
    ["end_turn", "completed", null],
    ["stop_sequence", "completed", null],
    ["tool_use", "completed", null],
    ["pause_turn", "completed", null],
    ["max_tokens", "incomplete", { reason: "max_output_tokens" }],
    ["model_context_window_exceeded", "incomplete", { reason: "max_output_tokens" }],
    ["refusal", "incomplete", { reason: "content_filter" }],
  ] as const)("%s is %s", (reason, status, details) => {
    const { builder, events } = build([start, ...say(0, "x"), stop(reason)]);
    expect(builder.head).toMatchObject({ status, incomplete_details: details, model: "claude-x" });
    expect(builder.head.usage).toMatchObject({ input_tokens: 14, output_tokens: 4, total_tokens: 18 });
    expect(builder.head.completed_at).toBe(status === "completed" ? 1_800_000_001 : null);
    expect(events.at(-1)?.type).toBe(`response.${status}`);
    expect(builder.output).toMatchObject([{ status }]);
  });

  test.each([
    [new ApiError("invalid_request", "Too long.", { code: "context_length_exceeded" }), "context_length_exceeded"],
    [new ApiError("invalid_request", "Wrong.", { code: "other" }), "invalid_prompt"],
    [new ApiError("rate_limit", "Slow down."), "rate_limit_exceeded"],
    [new ApiError("overloaded", "Too much."), "server_error"],
  ])("%s has a code that clients know", (error, code) => {
    const builder = builderOf();
    builder.fail(error);
    expect(builder.head.error).toEqual({ code, message: error.message } as typeof builder.head.error);
  });

  test("a failure before anything was said is a whole stream too", () => {
    const builder = builderOf();
    const events = builder.fail(new ApiError("rate_limit", "Slow down."));
    expect(typesOf(events)).toEqual(["created", "failed"]);
    expect(builder.head).toMatchObject({
      status: "failed",
      error: { code: "rate_limit_exceeded", message: "Slow down." },
    });
  });
});

const wordsArb = fc.array(fc.string({ unit: "grapheme", maxLength: 5 }), { maxLength: 5 });
const blockArb = fc.oneof(
  wordsArb.map((words) => (index: number) => say(index, ...words)),
  wordsArb.map((words) => (index: number) => think(index, ...words)),
  fc.record({ name: fc.constantFrom("add", "patch", "mail__send", "unknown"), words: wordsArb }).map(
    ({ name, words }) =>
      (index: number) =>
        call(index, name, ...JSON.stringify({ input: words.join("") }).split("")),
  ),
  fc.base64String().map((data) => (index: number) => block(index, { type: "redacted_thinking", data })),
);
const endArb = fc.constantFrom("stop", "max_tokens", "fail", "cancel");

test("whatever comes and however it is cut: numbers grow by one, ids stay, deltas add up, one end", () => {
  fc.assert(
    fc.property(
      fc.array(blockArb, { maxLength: 6 }),
      endArb,
      fc.nat(),
      fc.boolean(),
      fc.boolean(),
      (blocks, end, cut, summary, background) => {
        const builder = builderOf({ summary, background });
        const whole: ReplyEvent[] = [start, ...blocks.flatMap((make, index) => make(index))];
        const broken = end === "fail" || end === "cancel";
        const reply = broken ? whole.slice(0, cut % (whole.length + 1)) : whole;
        const events = background ? builder.queue() : [];
        for (const event of reply) events.push(...builder.push(event));
        if (end === "fail") events.push(...builder.fail(new ApiError("internal", "It broke.")));
        else if (end === "cancel") events.push(...builder.cancel());
        else events.push(...builder.push(stop(end === "stop" ? "end_turn" : "max_tokens")));
        check(events, builder);
      },
    ),
    { numRuns: 300 },
  );
});

interface Seen {
  id: string;
  index: number;
  open: boolean;
  said: string;
}

/** What must hold of any stream. */
function check(events: readonly ResponseStreamEvent[], builder: ResponseBuilder): void {
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events[0]?.type).toBe("response.created");
  const ends = events.filter(({ type }) => /^response\.(completed|incomplete|failed)$/.test(type));
  expect(ends).toHaveLength(1);
  expect(events.at(-1)).toBe(ends[0]);
  const items: Seen[] = [];
  for (const event of events) {
    if (event.type === "response.output_item.added") {
      expect(items.every(({ open }) => !open)).toBe(true);
      expect(event.output_index).toBe(items.length);
      items.push({ id: idOf(event.item), index: event.output_index, open: true, said: "" });
      continue;
    }
    if (!("output_index" in event)) continue;
    const item = items.at(-1)!;
    expect({ index: event.output_index, open: item.open }).toEqual({ index: item.index, open: true });
    if ("item_id" in event) expect(event.item_id).toBe(item.id);
    if ("delta" in event && typeof event.delta === "string") {
      expect(event.delta).not.toBe("");
      item.said += event.delta;
    }
    if (event.type === "response.output_text.done" || event.type === "response.reasoning_summary_text.done")
      expect(event.text).toBe(item.said);
    if (event.type === "response.function_call_arguments.done") expect(event.arguments).toBe(item.said);
    if (event.type === "response.custom_tool_call_input.done") expect(event.input).toBe(item.said);
    if (event.type === "response.output_item.done") {
      expect(idOf(event.item)).toBe(item.id);
      item.open = false;
    }
  }
  expect(items.every(({ open }) => !open)).toBe(true);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  const last = ends[0] as Extract<ResponseStreamEvent, { type: "response.completed" }>;
  expect(last.response.output.map(idOf)).toEqual(items.map(({ id }) => id));
  expect(builder.output.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
}

const idOf = (item: object): string => (item as { id: string }).id;
