import { expect, test } from "bun:test";
import type { SessionEvent } from "../../events.ts";
import type { TranscriptRecord } from "../../transcripts/tail.ts";
import { TurnTranslator } from "./translate.ts";

let count = 0;
const uuid = () => `uuid-${count++}`;
const prompt: TranscriptRecord = {
  type: "user",
  uuid: "u",
  promptId: "p",
  isSidechain: false,
  message: { role: "user", content: "go" },
};

const assistant = (id: string, block: object, stop: string | null, more: object = {}): TranscriptRecord => ({
  type: "assistant",
  uuid: uuid(),
  isSidechain: false,
  message: {
    id,
    model: "claude-x",
    role: "assistant",
    content: [block],
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 4, cache_read_input_tokens: 2, cache_creation_input_tokens: 1 },
  },
  ...more,
});
const text = (words: string) => ({ type: "text", text: words, citations: null });
const call = (id: string) => ({ type: "tool_use", id, name: "Bash", input: { command: "ls" }, caller: {} });
const request: TranscriptRecord = {
  type: "api-request",
  querySource: "repl_main_thread",
  params: { model: "claude-x" },
};
const toolResult = (id: string): TranscriptRecord => ({
  type: "user",
  uuid: uuid(),
  promptId: "p",
  isSidechain: false,
  message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "done" }] },
});

function translate(records: TranscriptRecord[]) {
  const translator = new TurnTranslator("s", "p", 0);
  return { translator, events: records.flatMap((record) => translator.translate(record)) };
}

function finish(records: TranscriptRecord[]) {
  const { translator, events } = translate(records);
  const closed = translator.closed;
  const all = [...events, ...translator.finish(5)];
  const result = all.at(-1);
  if (result?.type !== "result") throw new Error("no result");
  return { events: all, closed, result };
}

const kinds = (events: SessionEvent[]) =>
  events.map((event) => (event.type === "block_delta" ? `delta ${event.delta.type}` : event.type)).join(" ");

test("a thought and an answer are one message", () => {
  const thinking = { type: "thinking", thinking: "hm", signature: "s" };
  const { closed, events, result } = finish([
    prompt,
    request,
    assistant("m", thinking, "end_turn"),
    assistant("m", text("yes"), "end_turn"),
  ]);
  expect(kinds(events)).toBe(
    "message_start block_start delta thinking delta signature assistant block_stop " +
      "block_start delta text assistant block_stop message_stop result",
  );
  expect(closed).toBe(true);
  expect(result).toMatchObject({
    text: "yes",
    stopReason: "end_turn",
    modelCalls: 1,
    durationMs: 5,
    usage: { inputTokens: 10, outputTokens: 4, cacheReadTokens: 2, cacheCreationTokens: 1 },
  });
});

test("results of tools wait for the end of their message, and usage is summed by message", () => {
  const { events, result } = finish([
    prompt,
    request,
    assistant("m", call("a"), "tool_use"),
    toolResult("a"),
    assistant("m", call("b"), "tool_use"),
    toolResult("b"),
    request,
    assistant("n", text("done"), "end_turn"),
  ]);
  expect(kinds(events)).toBe(
    "message_start block_start delta input_json assistant block_stop block_start delta input_json assistant block_stop " +
      "message_stop tool_result tool_result " +
      "message_start block_start delta text assistant block_stop message_stop result",
  );
  expect(result.usage).toEqual({
    inputTokens: 20,
    outputTokens: 8,
    cacheReadTokens: 4,
    cacheCreationTokens: 2,
  });
});

test("what is not of this turn does not leak into it", () => {
  const { events, translator } = translate([
    assistant("old", text("before"), "end_turn"),
    { ...prompt, promptId: "other", uuid: "v" },
    assistant("old2", text("another's"), "end_turn"),
    prompt,
    assistant("sub", text("a subagent"), "end_turn", { isSidechain: true }),
    { type: "never-heard-of", uuid: "x" },
    { type: "assistant", uuid: 7 },
  ]);
  expect(events).toEqual([]);
  expect(translator.closed).toBe(false);
});

test("a record that comes twice counts once", () => {
  const record = assistant("m", text("yes"), "end_turn");
  const { result, events } = finish([prompt, record, prompt, record]);
  expect(events.filter(({ type }) => type === "assistant")).toHaveLength(1);
  expect(result.modelCalls).toBe(1);
});

test.each([
  [429, "rate_limit", "API Error: Request rejected (429) · Slow down.", "rate_limited", "Slow down."],
  [401, "authentication_failed", "Please run /login · API Error: 401 Bad key.", "not_logged_in", "Bad key."],
  [
    529,
    "server_error",
    "API Error: 529 Full. This is a server-side issue, usually temporary — x",
    "overloaded",
    "Full.",
  ],
  [500, "server_error", "API Error: 500 Broken.", "api_error", "Broken."],
  [undefined, "rate_limit", "You have hit your limit.", "rate_limited", "You have hit your limit."],
])("a failure of the API: %p", (apiErrorStatus, error, words, kind, message) => {
  const record = assistant("m", text(words), "stop_sequence", { isApiErrorMessage: true, error, apiErrorStatus });
  expect(() => translate([prompt, record])).toThrow(expect.objectContaining({ kind, message }));
});

test("an interrupt ends the turn", () => {
  const record: TranscriptRecord = {
    ...prompt,
    uuid: "w",
    message: { role: "user", content: [{ type: "text", text: "[Request interrupted by user]" }] },
  };
  expect(() => translate([prompt, record])).toThrow(expect.objectContaining({ kind: "aborted" }));
});
