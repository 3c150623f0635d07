/** When a streamed reply begins: early failures keep their status, and nobody waits in silence. */
import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { ApiError } from "../../http/errors.ts";
import { heartbeatMs } from "../../http/event-stream.ts";
import type { ReplyEvent } from "../../sessions/index.ts";
import { type StreamFormat, streamReply } from "./stream.ts";
import type { OpenReply } from "./turns.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const format: StreamFormat = {
  family: "openai",
  frames: (event) => `data: ${event.type}\n\n`,
  errorFrame: (body) => `data: ${JSON.stringify(body)}\n\n`,
};
const request = () => new Request("http://localhost/v1/chat/completions");

async function* events(...types: ReplyEvent["type"][]): AsyncGenerator<ReplyEvent> {
  for (const type of types) yield { type } as ReplyEvent;
}

const open = (begun: Promise<void>): OpenReply => ({
  turn: {} as OpenReply["turn"],
  headers: { "x-claude-session": "s" },
  begun,
  events: events("start", "stop"),
});

test("a failure before the first event is thrown, and so gets its status", async () => {
  const failure = new ApiError("overloaded", "Busy.");
  expect(await streamReply(request(), Promise.reject(failure), format).catch((error: unknown) => error)).toBe(failure);
  const late = Promise.reject(failure);
  const reply = streamReply(request(), Promise.resolve(open(late)), format);
  expect(await reply.catch((error: unknown) => error)).toBe(failure);
});

test("a turn that waits for a process begins its reply after a while, and may still fail", async () => {
  const opening = Promise.withResolvers<OpenReply>();
  const replying = streamReply(request(), opening.promise, format);
  jest.advanceTimersByTime(heartbeatMs);
  const reply = await replying;
  expect(reply.status).toBe(200);
  opening.reject(new ApiError("unavailable", "The server is shutting down."));
  expect(await reply.text()).toContain("The server is shutting down.");
});

test("a model that thinks for long begins its reply after a while, with the session's headers", async () => {
  const begun = Promise.withResolvers<void>();
  const replying = streamReply(request(), Promise.resolve(open(begun.promise)), format);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  jest.advanceTimersByTime(heartbeatMs);
  const reply = await replying;
  expect(reply.headers.get("x-claude-session")).toBe("s");
  begun.resolve();
  expect(await reply.text()).toBe("data: start\n\ndata: stop\n\n");
});
