import { expect, test } from "bun:test";
import { noUsage, type SessionEvent, type Usage } from "./events.ts";
import { Meter } from "./meter.ts";

const usage = (inputTokens: number, outputTokens: number): Usage => ({ ...noUsage, inputTokens, outputTokens });
const start = (inputTokens: number): SessionEvent => ({
  type: "message_start",
  id: "msg",
  model: "m",
  usage: { ...usage(inputTokens, 1), cacheReadTokens: 5, cacheCreationTokens: 7 },
});
const text = (length: number): SessionEvent => ({
  type: "block_delta",
  index: 0,
  delta: { type: "text", text: "x".repeat(length) },
});
const stop = (counted: Usage): SessionEvent => ({
  type: "message_stop",
  stopReason: "tool_use",
  stopSequence: null,
  usage: counted,
});

function metered(...events: SessionEvent[]): Usage {
  const meter = new Meter();
  for (const event of events) meter.push(event);
  return meter.usage;
}

test("nothing is counted before the model is asked", () => {
  expect(metered()).toEqual(noUsage);
});

test("calls that are over count as they were reported", () => {
  const events = [start(10), text(400), stop(usage(11, 2)), start(20), text(4), stop(usage(20, 30))];
  expect(metered(...events)).toEqual(usage(31, 32));
});

test("of the call under way the input is what it began with, and the output is estimated", () => {
  const first = [start(10), text(400), stop(usage(10, 2))];
  expect(metered(...first, start(20), text(9))).toEqual({
    inputTokens: 30,
    outputTokens: 2 + 3,
    cacheReadTokens: 5,
    cacheCreationTokens: 7,
  });
});

test("a call that broke off and was made again counts twice", () => {
  expect(metered(start(10), text(8), start(10), text(40), stop(usage(10, 6)))).toEqual({
    inputTokens: 20,
    outputTokens: 2 + 6,
    cacheReadTokens: 5,
    cacheCreationTokens: 7,
  });
});
