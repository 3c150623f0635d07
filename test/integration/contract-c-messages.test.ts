// The contract of the Messages bridge: health, session keys, processes, and how failures look. Clients whose conversations
// begin alike: never-mixed.test.ts.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { anthropic, requireError } from "../harness/error-bodies.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually } from "../harness/processes.ts";
import { type Frame, readFrames } from "../harness/sse.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Message {
  role: "user" | "assistant";
  content: string;
}

const user = (content: string): Message => ({ role: "user", content });
const bodyOf = (messages: Message[], more: object = {}) => ({ model: "haiku", max_tokens: 100_000, messages, ...more });

async function say(messages: Message[], headers: Record<string, string> = {}, server: TestLodge = lodge) {
  const response = await server.post("/v1/messages", bodyOf(messages), headers);
  const body = (await response.json()) as { type: string; role: string; content: { text: string }[]; usage: object };
  const text = body.content?.map((block) => block.text).join("");
  return {
    status: response.status,
    session: response.headers.get("x-claude-session"),
    source: response.headers.get("x-lodge-session-source"),
    body,
    text,
    history: [...messages, { role: "assistant" as const, content: text }],
  };
}

/** One conversation for what does not depend on what was said before. */
const anyhow = { "x-claude-session": crypto.randomUUID() };

test("GET /healthz is `ok`, without a token", async () => {
  const response = await fetch(`${lodge.url}/healthz`);
  expect([response.status, await response.text()]).toEqual([200, "ok"]);
});

test("POST /v1/messages answers in the Anthropic shape", async () => {
  const { status, body } = await say([user("echo: hi")], anyhow);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: expect.stringContaining("haiku"),
      content: [{ type: "text", text: "hi", citations: null }],
      stop_reason: "end_turn",
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: expect.objectContaining({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) }),
    } as never,
  });
});

describe("a session key", () => {
  let key: string;

  test("in either header, whichever it was in before: the same conversation on the same process", async () => {
    key = crypto.randomUUID().slice(0, 8);
    const older = "x-arch-claude-cli-session";
    const first = await say([user("echo: one")], { [older]: key });
    for (const [turn, header] of [older, "x-claude-session", "x-claude-session", older].entries()) {
      const next = await say([user("turns")], { [header]: key });
      expect(next).toMatchObject({ session: first.session!, source: "warm", text: String(turn + 2) });
    }
  });

  test("of another name is another conversation", async () => {
    const { text: turns } = await say([user("turns")], { "x-claude-session": key });
    const [one, other] = await Promise.all(
      [key, crypto.randomUUID()].map((name) => say([user("turns")], { "x-claude-session": name })),
    );
    expect(one!.session).not.toBe(other!.session);
    expect([one!.text, other!.text]).toEqual([String(Number(turns) + 1), "1"]);
  });
});

test("only what is new is sent to a hot session", async () => {
  const first = await say([user("echo: one")]);
  const second = await say([...first.history, user("echo: two")]);
  expect(second.source).toBe("warm");
  // The process tells the model all, once each: had the history been sent again, it would be there twice.
  const sent = JSON.stringify((lodge.requests.at(-1) as unknown as { messages: object }).messages);
  expect(sent.split("echo: one").length - 1).toBe(1);
});

test("at most so many live: the least recently used idle one goes, a turn in progress never", async () => {
  await using small = await startTestLodge({ LODGE_DEFAULT_MODE: "model", LODGE_MAX_LIVE: "2" });
  const begin = await small.post("/v1/messages", bodyOf([user("slow: 2000")], { stream: true }));
  const busy = begin.headers.get("x-claude-session")!;
  const idle = await say([user("echo: idle")], {}, small);
  const next = await say([user("echo: next")], {}, small);
  const live = async () => {
    const { live_sessions: all } = (await (await small.fetch("/status")).json()) as {
      live_sessions: { id: string; state: string }[];
    };
    return all.filter(({ state }) => state !== "ending").map(({ id }) => id);
  };
  expect((await live()).toSorted()).toEqual([busy, next.session!].toSorted());
  // What went is not lost.
  await begin.body?.cancel();
  expect(await say([...idle.history, user("turns")], {}, small)).toMatchObject({ source: "resumed", text: "2" });
});

describe("a stream is well formed", () => {
  test.each(["echo: a b", "think: x", "long: 5000", "slow: 5", "refuse", "fail: 529"])("%s", async (content) => {
    const response = await lodge.post("/v1/messages", bodyOf([user(content)], { stream: true }), anyhow);
    if (response.status !== 200) {
      expect(response.status).toBe(529);
      return;
    }
    const frames: Frame[] = [];
    for await (const frame of readFrames(response)) frames.push(frame);
    const events = frames.filter(({ event }) => event !== "ping").map(({ data }) => JSON.parse(data) as StreamEvent);
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe("message_start");
    expect(types.filter((type) => type === "message_start")).toHaveLength(1);
    expect(types.filter((type) => type === "message_stop" || type === "error")).toHaveLength(1);
    expect(["message_stop", "error"]).toContain(types.at(-1)!);
    const indexes = events.filter(({ type }) => type === "content_block_start").map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, at) => at));
  });
});

interface StreamEvent {
  type: string;
  index?: number;
}

describe.concurrent("a failure", () => {
  const failures: [string, number, string, Record<string, string>][] = [
    ["fail: 401", 401, "authentication_error", {}],
    ["fail: 429", 429, "rate_limit_error", { "retry-after": "1" }],
    ["fail: 529", 529, "overloaded_error", {}],
    ["fail: 400", 400, "invalid_request_error", {}],
  ];
  test.each(failures)("%s of the model is %d %s", async (content, status, type, headers) => {
    const response = await lodge.post("/v1/messages", bodyOf([user(content)]));
    await expectFailure(response, status, type);
    for (const name of Object.keys(headers)) expect(Number(response.headers.get(name))).toBeGreaterThan(0);
  });

  test("a bad body is 400", async () => {
    await expectFailure(await lodge.post("/v1/messages", { model: "haiku" }), 400, "invalid_request_error");
  });

  test.each(["stream", "terminal"])("the watchdog's is 504, and the slot is free: %s", async (driver) => {
    await using quick = await startTestLodge({
      LODGE_DEFAULT_MODE: "model",
      LODGE_WATCHDOG_SECONDS: "5",
      LODGE_MAX_LIVE: "1",
      LODGE_DRIVER: driver,
    });
    // On a busy machine a process may take as long to start as the watchdog waits: it is tried until one does not.
    const begun = async (content: string) => {
      for (;;) {
        const reply = await say([user(content)], {}, quick);
        if (reply.status !== 504) return reply;
      }
    };
    const { history } = await begun("echo: warm");
    const stalled = await quick.post("/v1/messages", bodyOf([...history, user("stall")]));
    await expectFailure(stalled, 504, "timeout_error");
    expect((await begun("echo: free")).text).toBe("free");
  });
});

test.each([
  ["that is gone", null],
  ["that ends at once", "#!/bin/sh\nexit 3\n"],
  ["that is no program", "nothing"],
])("a CLI %s is 502, and no slot stays taken", async (name, content) => {
  const path = join(lodge.data, `cli-${name.replaceAll(" ", "-")}`);
  await writeFile(path, content ?? "#!/bin/sh\n", { mode: 0o755 });
  await using broken = await startTestLodge({ LODGE_CLAUDE: path, LODGE_MAX_LIVE: "1" });
  if (content === null) await unlink(path);
  for (let k = 0; k < 2; k++) {
    const response = await broken.post("/v1/messages", bodyOf([user("echo: hi")]));
    await expectFailure(response, 502, "api_error", [path]);
  }
  await eventually("nothing is live", async () => {
    const { live_sessions: live } = (await (await broken.fetch("/status")).json()) as { live_sessions: object[] };
    return live.length === 0;
  });
});

async function expectFailure(response: Response, status: number, type: string, secrets: string[] = []): Promise<void> {
  const raw = await response.text();
  expect({ status: response.status, raw }).toEqual({ status, raw });
  const { body } = requireError(anthropic, response, raw, [lodge.data, ...secrets]);
  expect(body).toMatchObject({ error: { type } });
}
