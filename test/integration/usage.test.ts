// What a reply says that it took is what is kept of it, to the token, however its turn came about and ended.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam, Usage } from "@anthropic-ai/sdk/resources/messages";
import type { SessionSummary, UsageSums } from "@lodge/shared";
import OpenAI from "openai";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { readFrames } from "../harness/sse.ts";
import { result, tool } from "../harness/tool-client.ts";

// Many processes one after the other, on a machine that may have more to do.
setDefaultTimeout(180_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
});
afterAll(() => lodge[Symbol.asyncDispose]());

type Tokens = Omit<UsageSums, "turns" | "costUsd">;

const hour = 3_600_000;

/** As the dashboard's page of usage has it. */
async function kept(): Promise<UsageSums> {
  const now = Date.now();
  const response = await lodge.fetch(`/api/usage?from=${now - hour}&to=${now + hour}&bucket=${hour}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { totals: UsageSums }).totals;
}

/** As the sessions themselves have it: what went in, and what came out. */
async function ofSessions() {
  const response = await lodge.fetch("/api/sessions?limit=100");
  const { sessions } = (await response.json()) as { sessions: SessionSummary[] };
  const sum = (of: (session: SessionSummary) => number) => sessions.reduce((all, one) => all + of(one), 0);
  return {
    input: sum(({ inputTokens }) => inputTokens),
    output: sum(({ outputTokens }) => outputTokens),
    costUsd: sum(({ costUsd }) => costUsd),
  };
}

/** As Prometheus has it. */
async function scraped(): Promise<Tokens & { turns: number }> {
  const text = await (await lodge.fetch("/metrics")).text();
  const sum = (name: string, label = "") =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
      .reduce((all, line) => all + Number(line.slice(line.lastIndexOf(" "))), 0);
  const tokens = (kind: string) => sum("lodge_tokens_total", `kind="${kind}"`);
  return {
    turns: sum("lodge_turns_total"),
    inputTokens: tokens("input"),
    outputTokens: tokens("output"),
    cacheReadTokens: tokens("cache_read"),
    cacheCreationTokens: tokens("cache_creation"),
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("it did not come about");
    await Bun.sleep(20);
  }
}

/** Every reply so far, added up, against all that is kept. */
class Ledger {
  readonly #sum: Tokens = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 };

  async add(usage: Usage): Promise<void> {
    this.#sum.inputTokens += usage.input_tokens;
    this.#sum.outputTokens += usage.output_tokens;
    this.#sum.cacheReadTokens += usage.cache_read_input_tokens ?? 0;
    this.#sum.cacheCreationTokens += usage.cache_creation_input_tokens ?? 0;
    await this.check();
  }

  /** Families that do not tell the parts of the input tell all of it. */
  async addTotals(input: number, cached: number, output: number): Promise<void> {
    const { inputTokens, cacheReadTokens, cacheCreationTokens } = await kept();
    expect(cacheReadTokens).toBe(this.#sum.cacheReadTokens + cached);
    const before = this.#sum.inputTokens + this.#sum.cacheReadTokens + this.#sum.cacheCreationTokens;
    expect(inputTokens + cacheReadTokens + cacheCreationTokens).toBe(before + input);
    this.#sum.inputTokens = inputTokens;
    this.#sum.cacheReadTokens = cacheReadTokens;
    this.#sum.cacheCreationTokens = cacheCreationTokens;
    this.#sum.outputTokens += output;
    await this.check();
  }

  async check(): Promise<void> {
    const { turns, costUsd: _cost, ...tokens } = await kept();
    expect(tokens).toEqual(this.#sum);
    expect(await scraped()).toEqual({ turns, ...tokens });
    const { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens } = this.#sum;
    const sessions = await ofSessions();
    expect(sessions.input).toBe(inputTokens + cacheReadTokens + cacheCreationTokens);
    expect(sessions.output).toBe(outputTokens);
  }
}

const user = (content: MessageParam["content"]): MessageParam => ({ role: "user", content });

test("over a conversation of every kind of turn", async () => {
  const anthropic = new Anthropic({ baseURL: lodge.url, apiKey: lodge.token, authToken: null, maxRetries: 0 });
  const openai = new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey: lodge.token, maxRetries: 0 });
  const ledger = new Ledger();
  let messages: MessageParam[] = [];
  const say = async (text: string, more: object = {}) => {
    messages.push(user(text));
    const asked = { model: "haiku", max_tokens: 4096, messages, ...more };
    const { data, response } = await anthropic.messages.create(asked).withResponse();
    messages.push({ role: "assistant", content: data.content });
    const { headers } = response;
    return { ...data, source: headers.get("x-lodge-session-source"), session: headers.get("x-claude-session")! };
  };

  // Plain, cold and then warm; with a cache.
  await ledger.add((await say("echo: one")).usage);
  const warm = await say("echo: two");
  expect(warm.source).toBe("warm");
  await ledger.add(warm.usage);
  const cached = await say("cached: three");
  expect(cached.usage.cache_read_input_tokens).toBeGreaterThan(0);
  expect(cached.usage.cache_creation_input_tokens).toBeGreaterThan(0);
  await ledger.add(cached.usage);

  // Resumed.
  expect((await lodge.fetch(`/api/sessions/${cached.session}/end`, { method: "POST" })).ok).toBe(true);
  const resumed = await say("echo: four");
  expect(resumed.source).toBe("resumed");
  await ledger.add(resumed.usage);

  // Cut in the midst of a stream. Its dollars come when the CLI has told of the end that was put to it, if it could.
  const asked = { model: "haiku", max_tokens: 5, messages: [...messages, user("slow: 2000")] };
  const cut = await anthropic.messages.stream(asked).finalMessage();
  expect(cut.stop_reason).toBe("max_tokens");
  expect(cut.usage.input_tokens).toBeGreaterThan(0);
  expect(cut.usage.output_tokens).toBeGreaterThan(0);
  await ledger.add(cut.usage);
  await until(async () => Math.abs((await ofSessions()).costUsd - (await kept()).costUsd) < 1e-9);

  // Cut at a sequence.
  const stopped = await say("echo: five END six", { stop_sequences: ["END"] });
  expect(stopped.stop_reason).toBe("stop_sequence");
  await ledger.add(stopped.usage);

  // Calls of the client's tools: one turn, told of in three replies, the last of them cut.
  messages = [];
  const tools = [tool("add")];
  const called = await say("tool: add {}", { tools });
  const call = called.content.find((block) => block.type === "tool_use");
  messages.push(user([result(call!.id, "a long result that is told of again")] as unknown as MessageParam["content"]));
  const request = { model: "haiku", max_tokens: 4096, messages, tools };
  const answered = await anthropic.messages.create(request as Parameters<typeof anthropic.messages.create>[0]);
  const both = (name: keyof Usage) => Number(called.usage[name]) + Number((answered as { usage: Usage }).usage[name]);
  await ledger.add({ ...called.usage, input_tokens: both("input_tokens"), output_tokens: both("output_tokens") });

  // The agent's own tools; nothing of a turn's several calls is lost.
  const agent = await say('tool: Glob {"pattern": "*"}', { model: "haiku:agent" });
  expect(agent.stop_reason).toBe("end_turn");
  await ledger.add(agent.usage);

  // The other families, cut and whole.
  const chat = { model: "haiku", messages: [{ role: "user" as const, content: "cached: one two three four" }] };
  const completion = await openai.chat.completions.create({ ...chat, max_completion_tokens: 2 });
  expect(completion.choices[0]?.finish_reason).toBe("length");
  const { prompt_tokens: prompt, prompt_tokens_details: details, completion_tokens: said } = completion.usage!;
  await ledger.addTotals(prompt, details!.cached_tokens!, said);
  const { usage } = await openai.responses.create({ model: "haiku", input: "cached: one" });
  await ledger.addTotals(usage!.input_tokens, usage!.input_tokens_details.cached_tokens, usage!.output_tokens);
});

test("a turn that fails midway, or whose client leaves, counts as far as it got", async () => {
  const before = await kept();
  const body = { model: "haiku", max_tokens: 4096, messages: [user("fail: 529 midway")] };
  expect((await lodge.post("/v1/messages", body)).status).toBe(529);
  const failed = await kept();
  expect(failed.turns).toBe(before.turns + 1);
  expect(failed.inputTokens).toBeGreaterThan(before.inputTokens);
  expect(failed.outputTokens).toBeGreaterThan(before.outputTokens);

  const leaving = new AbortController();
  const slow = { ...body, stream: true, messages: [user("slow: 2000")] };
  const response = await lodge.fetch("/v1/messages", {
    method: "POST",
    body: JSON.stringify(slow),
    signal: leaving.signal,
  });
  for await (const { event } of readFrames(response)) if (event === "content_block_delta") break;
  leaving.abort();
  await until(async () => (await kept()).turns === failed.turns + 1);
  const left = await kept();
  expect(left.inputTokens).toBeGreaterThan(failed.inputTokens);
  expect(left.outputTokens).toBeGreaterThan(failed.outputTokens);
});

test("a turn that the model never got counts for nothing", async () => {
  const before = await kept();
  const body = { model: "haiku", max_tokens: 4096, messages: [user("fail: 403")] };
  expect((await lodge.post("/v1/messages", body)).status).toBe(403);
  expect(await kept()).toEqual(before);
});
