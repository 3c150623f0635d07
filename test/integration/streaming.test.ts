// Streams as they are on the wire: order, pace, size, headers, heartbeat, and a client that goes away.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { heartbeatMs } from "../../server/src/http/event-stream.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames, type Frame, readFrames } from "../harness/sse.ts";
import type { Watch } from "../harness/watch.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Family {
  path: string;
  body: (content: string) => object;
  /** The text that one frame adds. */
  text: (frame: Frame) => string;
}

interface MessageEvent {
  type: string;
  index?: number;
  delta?: { text?: string };
}

interface Chunk {
  choices: { delta: { role?: string; content?: string }; finish_reason: string | null }[];
}

const messageEvent = (frame: Frame): MessageEvent => JSON.parse(frame.data) as MessageEvent;
const chunkOf = (frame: Frame): Chunk => JSON.parse(frame.data) as Chunk;

const families = {
  anthropic: {
    path: "/v1/messages",
    body: (content) => ({ model: "haiku", max_tokens: 1_000_000, stream: true, messages: [{ role: "user", content }] }),
    text: (frame) => messageEvent(frame).delta?.text ?? "",
  },
  openai: {
    path: "/v1/chat/completions",
    body: (content) => ({ model: "haiku", stream: true, messages: [{ role: "user", content }] }),
    text: (frame) => (frame.data === "[DONE]" ? "" : (chunkOf(frame).choices[0]?.delta.content ?? "")),
  },
} satisfies Record<string, Family>;
const names = ["anthropic", "openai"] as const;

const open = (
  { path, body }: Family,
  content: string,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> =>
  lodge.fetch(path, {
    method: "POST",
    body: JSON.stringify(body(content)),
    headers: { "content-type": "application/json", ...headers },
    ...(signal ? { signal } : {}),
  });

/** A conversation for what does not depend on what was said before. */
const anyhow = { "x-claude-session": crypto.randomUUID() };

describe.each(names)("%s", (name) => {
  const family: Family = families[name];

  test("slow words come one by one, as they are said", async () => {
    const response = await open(family, "slow: 20", { headers: anyhow });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("x-claude-session")).toMatch(/^[0-9a-f-]{36}$/);
    for (const header of ["request-id", "x-request-id"]) expect(response.headers.get(header)).toStartWith("req_");
    const words = (await collectFrames(response)).filter((frame) => family.text(frame) !== "");
    expect(words.map(family.text).join("")).toBe(Array.from({ length: 20 }, (_, i) => `word${i + 1}`).join(" "));
    expect(words.length).toBeGreaterThanOrEqual(15);
    // They are 50 ms apart at their source.
    expect(words.at(-1)!.at - words[0]!.at).toBeGreaterThanOrEqual(500);
  });

  test("a million characters arrive whole", async () => {
    const frames = await collectFrames(await open(family, "long: 1000000", { headers: anyhow }));
    const text = frames.map(family.text).join("");
    expect(text).toHaveLength(1_000_000);
    expect(text).toBe(`${"demo text ".repeat(100_000).slice(0, 999_999)}.`);
  });
});

/** A family's request, and whether what comes is its heartbeat. */
const quiet: Record<string, { request: [string, object]; isBeat: (frame: Frame | undefined) => boolean }> = {
  anthropic: {
    request: ["/v1/messages", families.anthropic.body("stall")],
    isBeat: (frame) => frame?.event === "ping" && frame.data === '{"type":"ping"}',
  },
  openai: {
    request: ["/v1/chat/completions", families.openai.body("stall")],
    isBeat: (frame) => typeof frame?.comment === "string",
  },
  responses: {
    request: ["/v1/responses", { model: "haiku", stream: true, input: "stall" }],
    isBeat: (frame) => typeof frame?.comment === "string",
  },
};

test("the usual heartbeat comes before a proxy takes a quiet line for dead", () => {
  expect(heartbeatMs).toBeLessThan(15_000);
});

test.concurrent.each(Object.entries(quiet))("a quiet line gets heartbeats: %s", async (_, { request, isBeat }) => {
  await using hasty = await startTestLodge({}, { heartbeatMs: 300 });
  const [path, body] = request;
  const leaving = new AbortController();
  const started = performance.now();
  const response = await hasty.fetch(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
    signal: leaving.signal,
  });
  expect(response.status).toBe(200);
  const beats: Frame[] = [];
  for await (const frame of readFrames(response)) if (isBeat(frame) && beats.push(frame) === 3) break;
  leaving.abort();
  // The first tells the client that the server is there; those after it are not one after the other.
  expect(beats[0]!.at - started).toBeGreaterThanOrEqual(300);
  expect(beats[2]!.at - beats[1]!.at).toBeGreaterThanOrEqual(150);
});

/** Of the turn that is left: other ones each time, since its session may have been here before. */
let words = 20;

test("a turn that is to keep running survives its client", async () => {
  const count = ++words;
  await using watch = await lodge.watch();
  const leaving = new AbortController();
  const response = await open(families.openai, `slow: ${count}`, {
    signal: leaving.signal,
    headers: { ...anyhow, "x-claude-keep-running": "1" },
  });
  const session = response.headers.get("x-claude-session")!;
  leaving.abort();
  await watch.until(() => {
    const seen = watch.sessions.get(session);
    return seen?.state.name === "ready" && seen.lastWords?.endsWith(`word${count}`) ? true : undefined;
  });
});

describe("the order of events", () => {
  test("of the Messages API: one start, blocks one after the other, one stop", async () => {
    const body = { ...families.anthropic.body("think: order"), thinking: { type: "enabled", budget_tokens: 1024 } };
    const frames = await collectFrames(await lodge.post("/v1/messages", body, anyhow));
    for (const frame of frames) expect(frame.event).toBe(messageEvent(frame).type);
    const events = frames.map(messageEvent);
    const types = events.map(({ type }) => type);
    const runs = types.filter((type, index) => type !== types[index - 1]);
    const block = ["content_block_start", "content_block_delta", "content_block_stop"];
    expect(runs).toEqual(["message_start", ...block, ...block, "message_delta", "message_stop"]);
    const starts = events.filter(({ type }) => type === "content_block_start");
    expect(starts.map(({ index }) => index)).toEqual([0, 1]);
  });

  test("of Chat Completions: the role first, one reason, then the end mark", async () => {
    const frames = await collectFrames(await open(families.openai, "echo: a b c", { headers: anyhow }));
    expect(frames.every(({ event }) => event === undefined)).toBe(true);
    expect(frames.at(-1)?.data).toBe("[DONE]");
    const choices = frames.slice(0, -1).map((frame) => chunkOf(frame).choices[0]!);
    expect(choices[0]?.delta.role).toBe("assistant");
    expect(choices.slice(1).every(({ delta }) => delta.role === undefined)).toBe(true);
    expect(choices.map(({ finish_reason: reason }) => reason).filter((reason) => reason !== null)).toEqual(["stop"]);
    expect(choices.at(-1)?.finish_reason).toBe("stop");
  });
});

// By itself, since it has a second to do so.
describe.each(names)("a client of %s that goes away ends its turn and frees its slot", (name) => {
  const family: Family = families[name];

  test("in mid-stream", async () => {
    await using watch = await lodge.watch();
    const leaving = new AbortController();
    const response = await open(family, "slow: 500", { signal: leaving.signal });
    const session = response.headers.get("x-claude-session")!;
    for await (const frame of readFrames(response)) if (frame.comment === undefined && family.text(frame)) break;
    leaving.abort();
    await gone(watch, session);
  });

  test("before the first word", async () => {
    await using watch = await lodge.watch();
    const leaving = new AbortController();
    const before = new Set(watch.sessions.keys());
    const answer = open(family, "stall", { signal: leaving.signal }).catch((error: unknown) => error);
    const session = await watch.until(() =>
      [...watch.sessions.values()].find(({ id, state }) => !before.has(id) && state.name === "busy"),
    );
    leaving.abort();
    await answer;
    await gone(watch, session.id);
  });
});

/** Within a second, by the events and by the status. */
async function gone(watch: Watch, session: string): Promise<void> {
  await watch.until(() => (watch.sessions.get(session)?.state.name === "hibernated" ? true : undefined), 1000);
  const status = (await (await lodge.fetch("/status")).json()) as { live_sessions: { id: string }[] };
  expect(status.live_sessions.map(({ id }) => id)).not.toContain(session);
}
