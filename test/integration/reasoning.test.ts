// How much the model is to think, and what a client sees of it: in each family, on a process that is told while it lives.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames } from "../harness/sse.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** What the model was told, when it was asked last. */
function told() {
  const { thinking, output_config: config } = lodge.requests.findLast(({ endpoint }) => endpoint === "messages")!
    .body as {
    thinking?: { type: string; budget_tokens?: number; display?: string };
    output_config?: { effort?: string };
  };
  return { thinking, effort: config?.effort };
}

interface Block {
  type: string;
  [field: string]: unknown;
}

/** A model that takes a budget and may be told not to think at all. */
const old = "claude-haiku-4-5";

describe("Messages", () => {
  class Client {
    readonly #messages: object[] = [];

    async say(text: string, more: object = {}) {
      this.#messages.push({ role: "user", content: text });
      const asked = { model: old, max_tokens: 8000, messages: this.#messages, ...more };
      const response = await lodge.post("/v1/messages", asked);
      const body = (await response.json()) as { content: Block[] };
      expect([response.status, body]).toMatchObject([200, {}]);
      this.#messages.push({ role: "assistant", content: body.content });
      const { headers } = response;
      return {
        content: body.content,
        source: headers.get("x-lodge-session-source"),
        ignored: headers.get("x-lodge-ignored"),
      };
    }
  }

  test("a live process is told of each new measure, and the thinking is shown to whoever asks for it", async () => {
    const client = new Client();
    const first = await client.say("think: first", { thinking: { type: "enabled", budget_tokens: 2048 } });
    expect(told().thinking).toMatchObject({ type: "enabled", budget_tokens: 2048, display: "summarized" });
    expect(first.content).toEqual([
      { type: "thinking", thinking: "first", signature: expect.stringMatching(/.{8}/) },
      { type: "text", text: "I thought about: first", citations: null },
    ]);
    expect(first.ignored).toBeNull();

    const off = await client.say("think: second", { thinking: { type: "disabled" } });
    expect(told().thinking).toEqual({ type: "disabled" });
    expect(off).toMatchObject({ source: "warm", content: [{ type: "text" }] });

    const more = { thinking: { type: "adaptive" }, output_config: { effort: "max" } };
    const hidden = await client.say("redacted: third", more);
    expect(hidden.source).toBe("warm");
    expect(hidden.content.map(({ type }) => type)).toEqual(["redacted_thinking", "text"]);
    expect(hidden.content[0]!["data"]).toBeString();
    expect(told().thinking?.budget_tokens).toBeGreaterThan(2048);

    // Both kinds go back to the model as they came.
    const last = await client.say("turns", { model: "haiku", output_config: { effort: "high" } });
    expect(last).toMatchObject({ source: "warm", content: [{ type: "text", text: "4" }] });
    expect(told().effort).toBe("high");
    await client.say("turns", { model: "haiku" });
    expect(told().effort).toBe("medium");
  });

  test("a limit that a model does not heed is named", async () => {
    const client = new Client();
    const model = { model: "haiku" };
    const budget = await client.say("think: a", { ...model, thinking: { type: "enabled", budget_tokens: 1024 } });
    expect(budget.ignored).toBe("thinking.budget_tokens");
    expect(budget.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    const off = await client.say("think: b", { ...model, thinking: { type: "disabled" } });
    expect(off.ignored).toBe("thinking");
    expect(off.content.map(({ type }) => type)).toEqual(["text"]);
  });

  test("what cannot be is refused", async () => {
    const refused = async (more: object, headers: Record<string, string> = {}) => {
      const body = { model: old, max_tokens: 4096, messages: [{ role: "user", content: "hi" }], ...more };
      const response = await lodge.post("/v1/messages/count_tokens", body, headers);
      return {
        status: response.status,
        message: ((await response.json()) as { error?: { message: string } }).error?.message,
      };
    };
    const enabled = (budget_tokens: unknown) => ({ thinking: { type: "enabled", budget_tokens } });
    for (const budget of [0, 1023]) {
      expect(await refused(enabled(budget))).toEqual({
        status: 400,
        message: "thinking.budget_tokens: Input should be greater than or equal to 1024",
      });
    }
    for (const budget of [4096, 5000]) {
      expect(await refused(enabled(budget))).toMatchObject({
        status: 400,
        message: expect.stringMatching(/^max_tokens: /),
      });
      const beta = { "anthropic-beta": "interleaved-thinking-2025-05-14" };
      expect(await refused(enabled(budget), beta)).toMatchObject({ status: 200 });
    }
    expect(await refused(enabled(undefined))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^thinking\.budget_tokens: /),
    });
    expect(await refused({ output_config: { effort: "enormous" } })).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^output_config\.effort: /),
    });
  });
});

describe("Chat Completions", () => {
  const ask = (text: string, more: object = {}) =>
    lodge.post("/v1/chat/completions", { model: "haiku", messages: [{ role: "user", content: text }], ...more });

  test("the thinking is told only to whoever asks for it, in whole and in a stream", async () => {
    const [silent, whole, streamed] = await Promise.all([
      ask("think: quietly", { reasoning_effort: "high" }),
      ask("think: aloud", { include_reasoning: true }),
      ask("think: aloud too", { include_reasoning: true, stream: true }),
    ]);
    const { choices } = (await silent.json()) as { choices: { message: object }[] };
    expect(choices[0]!.message).toEqual({ role: "assistant", content: "I thought about: quietly", refusal: null });
    expect(await whole.json()).toMatchObject({
      choices: [{ message: { content: "I thought about: aloud", reasoning_content: "aloud" } }],
    });
    const deltas = (await collectFrames(streamed))
      .filter(({ data }) => data !== "[DONE]")
      .flatMap(({ data }) =>
        (JSON.parse(data) as { choices: { delta: Record<string, string> }[] }).choices.map(({ delta }) => delta),
      );
    const all = (name: string) => deltas.map((delta) => delta[name] ?? "").join("");
    expect([all("reasoning_content"), all("content")]).toEqual(["aloud too", "I thought about: aloud too"]);
  });

  test("each word for the effort is one of the CLI's, for a process that lives on", async () => {
    const messages: object[] = [];
    for (const [word, effort, ignored] of [
      ["none", "low", "reasoning_effort"],
      ["xhigh", "xhigh", null],
      ["minimal", "low", null],
      [null, "medium", null],
    ]) {
      messages.push({ role: "user", content: "echo: hi" });
      const response = await lodge.post("/v1/chat/completions", { model: "haiku", messages, reasoning_effort: word });
      const { choices } = (await response.json()) as { choices: { message: object }[] };
      messages.push(choices[0]!.message);
      expect([word, response.headers.get("x-lodge-ignored"), told().effort]).toEqual([word, ignored, effort]);
      if (messages.length > 2) expect(response.headers.get("x-lodge-session-source")).toBe("warm");
    }
  });
});

test("Responses: the effort reaches the model, and a summary is the thinking in words", async () => {
  const reasoning = { effort: "low", summary: "auto" };
  const response = await lodge.post("/v1/responses", { model: "haiku", input: "think: of it", reasoning });
  expect(await response.json()).toMatchObject({
    output: [{ type: "reasoning", summary: [{ type: "summary_text", text: "of it" }] }, { type: "message" }],
  });
  expect(told()).toMatchObject({ effort: "low", thinking: { display: "summarized" } });
});
