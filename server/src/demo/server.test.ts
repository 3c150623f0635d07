import { afterAll, describe, expect, test } from "bun:test";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { startDemoModel, type Clock, type DemoRequest } from "./index.ts";

/** Time that passes only when a test says so. */
class HandClock implements Clock {
  readonly waits: { ms: number; pass: () => void }[] = [];
  #asked = Promise.withResolvers<void>();

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const wait = { ms, pass: resolve };
    this.waits.push(wait);
    const gone = (): void => {
      this.waits.splice(this.waits.indexOf(wait), 1);
      reject(signal.reason);
      this.#changed();
    };
    signal.addEventListener("abort", gone, { once: true });
    this.#changed();
    return promise;
  }

  /** Until `count` sleepers are waiting. */
  async until(count: number): Promise<void> {
    while (this.waits.length !== count) await this.#asked.promise;
  }

  #changed(): void {
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
  }
}

const clock = new HandClock();
const requests: DemoRequest[] = [];
const model = await startDemoModel({ clock, onRequest: (request) => requests.push(request) });
afterAll(() => model.stop());

const client = new Anthropic({ baseURL: model.url, apiKey: model.apiKey, maxRetries: 0 });
const body = (content: string) => ({
  model: "claude-haiku-5-5",
  max_tokens: 20_000,
  messages: [{ role: "user" as const, content }],
});
const post = (content: string, init: RequestInit = {}, stream = true): Promise<Response> =>
  fetch(`${model.url}/v1/messages?beta=true`, {
    method: "POST",
    body: JSON.stringify({ ...body(content), stream }),
    ...init,
  });

describe("with the official client", () => {
  test("a message, in one piece and streamed, is the same", async () => {
    const whole = await client.messages.create(body("echo: hello there"));
    const streamed = await client.messages.stream(body("echo: hello there")).finalMessage();
    expect(whole.content).toEqual([{ type: "text", text: "hello there", citations: null }]);
    expect(streamed).toMatchObject({ content: whole.content });
    expect(streamed.usage).toEqual(whole.usage);
    expect(requests.at(-1)).toMatchObject({ endpoint: "messages", model: "claude-haiku-5-5", body: { stream: true } });
  });

  test("tokens are counted as a message counts them", async () => {
    const { input_tokens } = await client.messages.countTokens({ model: "m", messages: body("echo: hello").messages });
    expect(input_tokens).toBe((await client.messages.create(body("echo: hello"))).usage.input_tokens);
  });

  test("models are listed and looked up", async () => {
    const page = await client.models.list();
    expect(page.data.map((each) => each.id)).toContain("claude-haiku-5-5");
    expect(await client.models.retrieve("claude-opus-5-5")).toMatchObject({ type: "model", id: "claude-opus-5-5" });
  });

  test("a failure is the client's own error", async () => {
    const error = await client.messages.create(body("fail: 429")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 429, error: { error: { type: "rate_limit_error" } } });
    expect((error as APIError).headers?.get("retry-after")).toBe("1");
    expect((error as APIError).requestID).toStartWith("req_");
  });

  test("an invalid key is refused", async () => {
    const other = new Anthropic({ baseURL: model.url, apiKey: "invalid", maxRetries: 0 });
    const error = await other.messages.create(body("echo: x")).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 401, error: { error: { type: "authentication_error" } } });
  });
});

describe("on the wire", () => {
  test.each([
    ["HEAD", "/", 200],
    ["GET", "/", 200],
    ["HEAD", "/api/hello", 200],
    ["GET", "/v1/nothing", 404],
    ["POST", "/v1/complete", 404],
    ["GET", "/v1/models/claude-none", 404],
  ])("%s %s is %d", async (method, path, status) => {
    expect((await fetch(model.url + path, { method })).status).toBe(status);
  });

  test.each(["{", "[]", "{}", '{"model":"m","max_tokens":1,"messages":[]}'])("a bad body is 400: %s", async (text) => {
    const response = await fetch(`${model.url}/v1/messages`, { method: "POST", body: text });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });

  test("fields and blocks that nobody knows pass", async () => {
    const odd = {
      ...body("echo: x"),
      future: { a: 1 },
      messages: [{ role: "user", content: [{ type: "new", x: 1 }] }],
    };
    const response = await fetch(`${model.url}/v1/messages`, { method: "POST", body: JSON.stringify(odd) });
    expect(response.status).toBe(200);
  });

  test("every event has its event line", async () => {
    const response = await post("echo: x");
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    const chunks = (await response.text()).trim().split("\n\n");
    for (const chunk of chunks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(chunk) ?? [];
      expect(JSON.parse(data ?? "null")).toMatchObject({ type: name });
    }
  });

  test("a long answer arrives whole", async () => {
    const reply = await client.messages.stream(body("long: 300000")).finalText();
    expect(reply).toHaveLength(300_000);
  });
});

describe("a client that goes away", () => {
  test("ends the waits of a slow answer", async () => {
    const leaving = new AbortController();
    const response = await post("slow: 100", { signal: leaving.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    await clock.until(1);
    expect(clock.waits).toMatchObject([{ ms: 50 }]);
    clock.waits.shift()?.pass();
    await clock.until(1);
    leaving.abort();
    await clock.until(0);
  });

  test("ends the wait of a slow answer in one piece", async () => {
    const leaving = new AbortController();
    const response = post("slow: 100", { signal: leaving.signal }, false).catch(() => "left");
    await clock.until(1);
    expect(clock.waits).toMatchObject([{ ms: 99 * 50 }]);
    leaving.abort();
    expect(await response).toBe("left");
    await clock.until(0);
  });

  test("has had headers from a stalled stream, and nothing else", async () => {
    const leaving = new AbortController();
    const response = await post("stall", { signal: leaving.signal });
    expect(response.status).toBe(200);
    leaving.abort();
    expect(await response.text().catch(() => "left")).toBe("left");
  });
});

test("stopping ends what is open", async () => {
  const other = await startDemoModel({ clock });
  const ask = (content: string, stream: boolean): Promise<unknown> =>
    fetch(`${other.url}/v1/messages`, { method: "POST", body: JSON.stringify({ ...body(content), stream }) })
      .then((response) => response.text())
      .catch((error: unknown) => error);
  const open = [ask("stall", true), ask("stall", false), ask("slow: 5", true), ask("slow: 5", false)];
  await clock.until(2);
  await other.stop();
  await Promise.all(open);
  await clock.until(0);
});
