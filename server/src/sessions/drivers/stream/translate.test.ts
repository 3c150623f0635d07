import { describe, expect, test } from "bun:test";
/** From the SDK's messages to session events: shares of running totals, failures by name, nothing of subagents. */
import type { SDKMessage } from "@anthropic-ai/claude-agent-sdk";
import { SessionError } from "../../errors.ts";
import { StreamTranslator } from "./translate.ts";

/** Only the fields that the translator reads. */
const sdk = (message: object): SDKMessage => message as SDKMessage;

const result = (extra: object = {}) =>
  sdk({
    type: "result",
    subtype: "success",
    is_error: false,
    session_id: "s",
    stop_reason: "end_turn",
    result: "ok",
    total_cost_usd: 0,
    usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 },
    duration_ms: 5,
    num_turns: 1,
    ...extra,
  });

function failure(translator: StreamTranslator, ...messages: SDKMessage[]): unknown {
  try {
    for (const message of messages) translator.translate(message);
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a turn's cost is its share of the running total", () => {
  const translator = new StreamTranslator();
  expect(translator.translate(result({ total_cost_usd: 0.5 }))).toMatchObject([{ costUsd: 0.5 }]);
  expect(translator.translate(result({ total_cost_usd: 0.75 }))).toMatchObject([{ costUsd: 0.25 }]);
});

test("the first turn of a resumed process costs what it cost, not what the session did", () => {
  const own = { haiku: { costUSD: 0.25 }, opus: { costUSD: 0.5 } };
  const first = result({ total_cost_usd: 9, model_usage_since_last_result: own });
  expect(new StreamTranslator().translate(first)).toMatchObject([{ costUsd: 0.75 }]);
});

test("usage counts cache reads and writes apart", () => {
  expect(new StreamTranslator().translate(result())).toMatchObject([
    { usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheCreationTokens: 4 } },
  ]);
});

test("the context window is that of the model that answers, where the CLI tells it", () => {
  const translator = new StreamTranslator();
  const modelUsage = { opus: { contextWindow: 1_000_000 }, haiku: { contextWindow: 200_000 } };
  expect(translator.translate(result({ modelUsage }))[0]).not.toHaveProperty("contextWindow");
  translator.translate(sdk({ type: "system", subtype: "init", session_id: "s", model: "haiku", tools: [] }));
  expect(translator.translate(result({ modelUsage }))).toMatchObject([{ contextWindow: 200_000 }]);
});

test("a subagent's words do not leak into the reply", () => {
  const translator = new StreamTranslator();
  const event = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x" } };
  expect(translator.translate(sdk({ type: "stream_event", parent_tool_use_id: "t", event }))).toEqual([]);
  expect(
    translator.translate(sdk({ type: "assistant", parent_tool_use_id: "t", uuid: "u", message: { content: [] } })),
  ).toEqual([]);
});

describe("failures by name", () => {
  test.each([
    [{ is_error: true, api_error_status: 401 }, "not_logged_in"],
    [{ is_error: true, api_error_status: 403 }, "not_permitted"],
    [{ is_error: true, api_error_status: 429 }, "rate_limited"],
    [{ is_error: true, api_error_status: 529 }, "overloaded"],
    [{ is_error: true, api_error_status: 413 }, "request_too_large"],
    [{ is_error: true, api_error_status: 413, result: "Prompt is too long" }, "prompt_too_long"],
    [{ is_error: true, api_error_status: 504 }, "api_timeout"],
    [{ is_error: true, api_error_status: 500 }, "api_error"],
    [{ is_error: true, api_error_status: 400 }, "invalid_request"],
    [{ is_error: true, terminal_reason: "prompt_too_long", api_error_status: 400 }, "prompt_too_long"],
    [{ is_error: true, subtype: "error_max_budget_usd", errors: [] }, "budget_exceeded"],
    [{ is_error: true, subtype: "error_max_structured_output_retries", errors: [] }, "output_format_unmet"],
    [
      { is_error: true, subtype: "error_during_execution", errors: ["No conversation found with session ID: x"] },
      "transcript_unreadable",
    ],
    [{ is_error: true, subtype: "error_during_execution", errors: ["Something"] }, "api_error"],
  ])("%j is %s", (extra, kind) => {
    expect(failure(new StreamTranslator(), result(extra))).toMatchObject({ kind });
  });

  test("what the assistant message said of it is kept, without the CLI's advice", () => {
    const error = failure(
      new StreamTranslator(),
      sdk({
        type: "assistant",
        parent_tool_use_id: null,
        error: "overloaded",
        message: {
          content: [
            { type: "text", text: "API Error: 529 Busy. This is a server-side issue, usually temporary — try again" },
          ],
        },
      }),
      result({ is_error: true, api_error_status: 529 }),
    );
    expect(error).toBeInstanceOf(SessionError);
    expect(error).toMatchObject({ kind: "overloaded", message: "Busy." });
  });

  test.each([
    ["overloaded_error", "overloaded"],
    ["permission_error", "not_permitted"],
    ["timeout_error", "api_timeout"],
    ["api_error", "api_error"],
    ["something_new", "api_error"],
  ])("what came in a stream has no status, but the API's own name: %s", (type, kind) => {
    const content = [{ type: "text", text: "API Error: Busy." }];
    const assistant = { parent_tool_use_id: null, error: "unknown", api_error_type: type, message: { content } };
    const error = failure(
      new StreamTranslator(),
      sdk({ type: "assistant", ...assistant }),
      result({ is_error: true, api_error_status: null }),
    );
    expect(error).toMatchObject({ kind, message: "Busy." });
  });

  test("the tokens that were too many are told as the API tells them", () => {
    const words = "Prompt is too long · the request is ~250000 tokens (limit 200000) but this conversation is short.";
    expect(failure(new StreamTranslator(), result({ is_error: true, result: words }))).toMatchObject({
      kind: "prompt_too_long",
      message: "prompt is too long: 250000 tokens > 200000 maximum",
    });
  });

  test("what a failed turn cost is told with it", () => {
    const own = { haiku: { costUSD: 0.25 } };
    const failed = result({ is_error: true, subtype: "error_during_execution", errors: ["Stopped."] });
    expect(failure(new StreamTranslator(), sdk({ ...failed, model_usage_since_last_result: own }))).toMatchObject({
      details: { costUsd: 0.25 },
    });
  });

  test("a limit is handed on at once, with the time that the API named", () => {
    const retry = { type: "system", subtype: "api_retry", attempt: 1, retry_delay_ms: 2500, error_status: 429 };
    expect(failure(new StreamTranslator(), sdk(retry))).toMatchObject({
      kind: "rate_limited",
      details: { retryAfter: 2.5 },
    });
    expect(new StreamTranslator().translate(sdk({ ...retry, error_status: 529 }))).toMatchObject([
      { type: "retry", status: 529 },
    ]);
  });

  test("running out of calls is a pause, and a refusal an answer", () => {
    const paused = result({ is_error: true, subtype: "error_max_turns", errors: [] });
    expect(new StreamTranslator().translate(paused)).toMatchObject([{ type: "result", stopReason: "pause_turn" }]);
    const refused = result({ is_error: true, stop_reason: "refusal" });
    expect(new StreamTranslator().translate(refused)).toMatchObject([{ type: "result", stopReason: "refusal" }]);
  });
});

describe("an answer that breaks off", () => {
  const stream = (event: object) => sdk({ type: "stream_event", parent_tool_use_id: null, event });
  const begin = stream({ type: "message_start", message: { id: "m", model: "x", usage: { input_tokens: 9 } } });
  const block = stream({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  const retry = sdk({ type: "system", subtype: "api_retry", attempt: 1, retry_delay_ms: 500, error_status: null });
  /** As the CLI closes it: without a reason. */
  const end = [
    stream({ type: "content_block_stop", index: 0 }),
    stream({ type: "message_delta", delta: { stop_reason: null, stop_sequence: null }, usage: {} }),
    stream({ type: "message_stop" }),
  ];
  const lost = { kind: "api_error", message: "The connection to the model was lost in the midst of its answer." };

  test("is none that ended", () => {
    const translator = new StreamTranslator();
    const events = [begin, block, ...end].flatMap((message) => translator.translate(message));
    expect(events.map(({ type }) => type)).toEqual(["message_start", "block_start", "block_stop"]);
  });

  test("is not begun again when some of it was said", () => {
    expect(failure(new StreamTranslator(), begin, block, ...end, retry)).toMatchObject(lost);
    expect(failure(new StreamTranslator(), begin, block, ...end, begin)).toMatchObject(lost);
  });

  test("may be begun again when none of it was said", () => {
    const translator = new StreamTranslator();
    const events = [begin, end.at(-1)!, retry, begin, block].flatMap((message) => translator.translate(message));
    expect(events.map(({ type }) => type)).toEqual(["message_start", "retry", "message_start", "block_start"]);
  });

  test("is over with its turn", () => {
    const translator = new StreamTranslator();
    for (const message of [begin, block, ...end]) translator.translate(message);
    expect(failure(translator, result({ is_error: true, api_error_status: 529 }))).toMatchObject({
      kind: "overloaded",
    });
    expect(translator.translate(begin)).toHaveLength(1);
  });
});

test("an unknown message is no news", () => {
  expect(new StreamTranslator().translate(sdk({ type: "something_new" }))).toEqual([]);
});
