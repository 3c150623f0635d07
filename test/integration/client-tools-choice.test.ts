/** Which of the client's tools the model is offered and told to call, what changes between turns, and what it costs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { result, ToolClient, tool, type WireMessage } from "../harness/tool-client.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_MAX_LIVE: "4" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** The tools that the model was offered last, as the CLI names them. */
const offered = (): string[] =>
  (lodge.requests.at(-1)?.tools ?? []).map(({ name }) => name ?? "").toSorted((a, b) => (a < b ? -1 : 1));

const tools = [tool("weather", { city: { type: "string" } }), tool("time")];
const client = (options: ConstructorParameters<typeof ToolClient>[1] = {}) =>
  new ToolClient(lodge, { tools, ...options });

let shared: ToolClient | undefined;
/** A conversation that goes on from test to test, for all that needs no process of its own. */
async function goOn(): Promise<ToolClient> {
  // A test that failed may have left calls open.
  if (shared === undefined || shared.calls.length > 0) {
    shared = client();
    await shared.say("echo: hi");
  }
  shared.extra = {};
  return shared;
}

describe("tool_choice", () => {
  test("none: nothing is offered, and what follows has the tools again, all in one session", async () => {
    const talk = await goOn();
    const first = await talk.say("echo: hi");
    expect(offered()).toEqual(["mcp__client__time", "mcp__client__weather"]);
    talk.extra = { tool_choice: { type: "none" } };
    const second = await talk.say("tool: weather {}");
    expect(second).toMatchObject({ source: "warm", text: "The tool weather was not offered to me." });
    expect(offered()).toEqual([]);
    talk.extra = { tool_choice: { type: "auto" } };
    expect(await talk.say("tool: weather {}")).toMatchObject({ source: "warm", session: first.session, calls: [{}] });
    await talk.answer(() => "sun");
  });

  test("none, with results: the turn goes on without tools", async () => {
    const talk = await goOn();
    await talk.say("tool: weather {}");
    talk.extra = { tool_choice: { type: "none" } };
    expect(await talk.answer(() => "sun")).toMatchObject({ status: 200, text: "weather -> sun" });
    expect(offered()).toEqual([]);
  });

  test("any: the model is told, and a reply without a call is an error that says so", async () => {
    const talk = await goOn();
    talk.extra = { tool_choice: { type: "any" } };
    const told = () =>
      JSON.stringify(lodge.requests.at(-1)?.messages).split("Answer with a call of one of your tools").length - 1;
    const made = await talk.say("tool: weather {}");
    expect(made).toMatchObject({ status: 200, stopReason: "tool_use" });
    expect(told()).toBe(1);
    const not = await talk.answer(() => "sun");
    expect(not).toMatchObject({ status: 502, error: { type: "api_error" } });
    expect(not.error?.message).toContain("made no tool call");
    expect(told()).toBe(2);
    talk.extra = {};
    expect(await talk.answer(() => "sun")).toMatchObject({ status: 200, text: "weather -> sun" });
  });

  test("one by its name: a call of another is an error", async () => {
    const talk = await goOn();
    talk.extra = { tool_choice: { type: "tool", name: "time" } };
    expect(await talk.say("tool: weather {}")).toMatchObject({ status: 502, error: { type: "api_error" } });
    expect(await talk.say("echo: no call")).toMatchObject({ status: 502, error: { type: "api_error" } });
    expect(await talk.say("tool: time {}")).toMatchObject({ status: 200, calls: [{ name: "time" }] });
    talk.extra = {};
    await talk.answer(() => "noon");
  });

  test.each([
    [{ tool_choice: { type: "tool", name: "nothing" } }, "tool_choice: "],
    [{ tool_choice: { type: "any" }, tools: [] }, "tool_choice: "],
    [{ tool_choice: { type: "sometimes" } }, "tool_choice"],
    [{ tools: [tool("a"), tool("a")] }, "tools: "],
    [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }, "web_search_20250305"],
    [{ tools: [{ name: "a", input_schema: { type: "array" } }] }, "tools.0"],
    [{ tools: [{ name: "a" }] }, "tools.0.input_schema"],
  ])("%j is refused", async (wrong, message) => {
    const talk = client();
    talk.extra = wrong;
    const reply = await talk.say("echo: hi");
    expect(reply).toMatchObject({ status: 400, error: { type: "invalid_request_error" } });
    expect(reply.error?.message).toContain(message);
  });
});

test("one call at a time: the client gets the first, and the model makes the next when it knows", async () => {
  const talk = await goOn();
  talk.extra = { tool_choice: { type: "auto", disable_parallel_tool_use: true } };
  const first = await talk.say("tool: weather {}\ntool: time {}");
  expect(first.calls).toMatchObject([{ name: "weather" }]);
  expect(first.content).toHaveLength(1);
  const second = await talk.answer(() => "sun");
  expect(second).toMatchObject({ source: "warm", stopReason: "end_turn" });
  const [one, two] = second.text.split(/\n+/);
  expect([one, two]).toEqual(["weather -> sun", expect.stringMatching(/^time -> error: This call was not made/)]);
  expect((await talk.say("turns")).source).toBe("warm");
});

describe("tools that change between turns", () => {
  let talk: ToolClient;
  const names = () => (talk.tools as { name: string }[]).map(({ name }) => name);
  /** Adds one, and tells what is to be offered now. */
  const add = (name: string): string[] => {
    if (!names().includes(name)) talk.tools = [...talk.tools, tool(name)];
    return names()
      .map((each) => `mcp__client__${each}`)
      .toSorted();
  };
  const begin = () => {
    // What came before may have left calls open, or the tool away.
    if (talk.calls.length > 0 || !names().includes("weather")) talk = client();
    return talk.say("tool: weather {}");
  };
  beforeAll(async () => {
    talk = client();
    await talk.say("echo: hi");
  });

  test("one more: the same process offers it", async () => {
    const first = await talk.say("echo: hi");
    add("extra");
    const second = await talk.say("tool: extra {}");
    expect(second).toMatchObject({ source: "warm", session: first.session, calls: [{ name: "extra" }] });
    expect(await talk.answer(() => "done")).toMatchObject({ source: "warm", text: "extra -> done" });
  });

  test("while a call is held: the turn goes on in a process that offers them", async () => {
    await begin();
    const all = add("another");
    expect(await talk.answer(() => "sun")).toMatchObject({ source: "forked", text: "weather -> sun" });
    expect(offered()).toEqual(all);
  });

  test("none at all any more: a history with calls goes on as it was", async () => {
    const { tools: before } = talk;
    const first = await begin();
    await talk.answer(() => "sun");
    const turns = Number((await talk.say("turns")).text);
    talk.tools = [];
    expect(await talk.say("turns")).toMatchObject({
      source: "warm",
      session: first.session,
      text: String(turns + 1),
    });
    talk.tools = before;
  });

  test("one less, or another of the same name: the same session, in a process that offers just these", async () => {
    const first = await begin();
    await talk.answer(() => "sun");
    talk.tools = [tool("time")];
    const second = await talk.say("tool: weather {}");
    expect(second).toMatchObject({ source: "resumed", session: first.session });
    expect(second.text).toBe("The tool weather was not offered to me.");
    expect(offered()).toEqual(["mcp__client__time"]);
    talk.tools = [tool("time", { zone: { type: "string" } })];
    expect(await talk.say("echo: hi")).toMatchObject({ source: "resumed", session: first.session });
    expect(lodge.requests.at(-1)?.tools[0]?.input_schema).toMatchObject({ properties: { zone: { type: "string" } } });
  });

  test("while the session slept without any: the model sees them as they are now", async () => {
    const first = await begin();
    await talk.answer(() => "sun");
    const turns = Number((await talk.say("turns")).text);
    await lodge.restart();
    talk.tools = [];
    expect(await talk.say("echo: awake")).toMatchObject({ source: "resumed", session: first.session });
    talk.tools = [tool("weather", { country: { type: "string" } })];
    expect(await talk.say("turns")).toMatchObject({ session: first.session, text: String(turns + 2) });
    expect(lodge.requests.at(-1)?.tools[0]?.input_schema).toMatchObject({
      properties: { country: { type: "string" } },
    });
  });
});

describe("in agent mode", () => {
  const agent = { "x-claude-mode": "agent" };

  test("the session's own tools run inside, and only the client's calls are seen", async () => {
    const talk = client({ headers: agent });
    const first = await talk.say(
      'tool: Bash {"command":"echo from inside","description":"d"}\ntool: weather {}\ntool: Bash {"command":"echo again","description":"d"}',
    );
    expect(first.calls).toMatchObject([{ name: "weather" }]);
    expect(first.content).toHaveLength(1);
    const second = await talk.answer(() => "sun");
    expect(second).toMatchObject({ source: "warm", stopReason: "end_turn" });
    expect(second.text).toBe("Bash -> from inside\nweather -> sun\nBash -> again");
    expect(await talk.say("turns")).toMatchObject({ source: "warm", text: "2" });
  });

  test("nobody is asked whether the client may be asked, in whatever permission mode", async () => {
    let said: WireMessage[] = [];
    for (const mode of ["default", "plan", "dontAsk"]) {
      const talk = client({ headers: { ...agent, "x-claude-permission-mode": mode } });
      talk.messages = said;
      expect([mode, await talk.say("tool: weather {}")]).toMatchObject([mode, { calls: [{ name: "weather" }] }]);
      expect([mode, await talk.answer(() => "sun")]).toMatchObject([mode, { source: "warm", text: "weather -> sun" }]);
      said = talk.messages;
    }
  });

  test("a request with tools is a pure model's unless it says otherwise", async () => {
    const talk = await goOn();
    await talk.say("echo: hi");
    expect(offered()).toEqual(["mcp__client__time", "mcp__client__weather"]);
    const other = client({ model: "sonnet:agent" });
    await other.say("echo: hi");
    expect(offered()).toContain("Bash");
  });
});

test("the terminal driver cannot, and says so", async () => {
  const talk = client({ headers: { "x-claude-driver": "terminal" } });
  const reply = await talk.say("tool: weather {}");
  expect(reply).toMatchObject({ status: 400, error: { type: "invalid_request_error" } });
  expect(reply.error?.message).toContain("terminal driver");
});

test("a named session takes the results of its calls whatever history is sent", async () => {
  const talk = client({ headers: { "x-claude-session": "tools of mine" } });
  const first = await talk.say("tool: weather {}");
  const [{ id } = { id: "" }] = first.calls;
  const other = await talk.post([{ role: "user", content: "turns" }]);
  expect(other).toMatchObject({ status: 400, error: { message: expect.stringContaining(id) } });
  const second = await talk.post([{ role: "user", content: [result(id, "sun")] }]);
  expect(second).toMatchObject({ source: "warm", session: first.session, text: "weather -> sun" });
  const again = await talk.post([{ role: "user", content: "turns" }]);
  expect(again).toMatchObject({ source: "warm", session: first.session, text: "2" });
});

describe("a stream", () => {
  const stream = async (talk: ToolClient, signal?: AbortSignal) =>
    lodge.fetch("/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...talk.body(talk.messages), stream: true }),
      ...(signal === undefined ? {} : { signal }),
    });

  test("has the calls' input as it comes, and nothing in it knows of the CLI's names", async () => {
    const talk = client();
    const { messages } = await goOn();
    talk.messages = [...messages, { role: "user", content: 'tool: weather {"city":"Oslo"}\ntool: time {}' }];
    const text = await (await stream(talk)).text();
    expect(text).not.toContain("mcp__");
    const events = text
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice(6)) as { type: string; [field: string]: unknown });
    expect(events.filter(({ type }) => type === "content_block_start").map((event) => event["content_block"])).toEqual([
      { type: "tool_use", id: expect.any(String), name: "weather", input: {}, caller: { type: "direct" } },
      { type: "tool_use", id: expect.any(String), name: "time", input: {}, caller: { type: "direct" } },
    ]);
    const json = events
      .filter(({ type, index }) => type === "content_block_delta" && index === 0)
      .map((event) => (event["delta"] as { partial_json: string }).partial_json)
      .join("");
    expect(JSON.parse(json)).toEqual({ city: "Oslo" });
    expect(events.filter(({ type }) => type === "message_start")).toHaveLength(1);
    expect(events.slice(-2)).toMatchObject([
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: expect.any(Number) } },
      { type: "message_stop" },
    ]);
  });

  test("that the client leaves in mid-turn ends the turn; one that it leaves while a call is held loses nothing", async () => {
    await using watch = await lodge.watch();
    const talk = await goOn();
    await talk.say("tool: weather {}");
    const before = talk.messages;
    const content = talk.calls.map(({ id }) => result(id, "sun"));
    talk.messages = [...before, { role: "user", content: [...content, { type: "text", text: "slow: 200" }] }];
    const leaving = new AbortController();
    const reply = await stream(talk, leaving.signal);
    const session = reply.headers.get("x-claude-session") ?? "";
    expect(reply.headers.get("x-lodge-session-source")).toBe("warm");
    leaving.abort();
    await reply.text().catch(() => {});
    await watch.until(() => (watch.sessions.get(session)?.state.name === "hibernated" ? true : undefined));
    talk.messages = before;
    expect(await talk.answer(() => "sun")).toMatchObject({ source: "forked", text: "weather -> sun" });
  });
});

test("each reply reports the tokens of its own model calls, and together they are the turn's", async () => {
  await using watch = await lodge.watch();
  const talk = client();
  const first = await talk.say("tool: weather {}");
  const second = await talk.answer(() => "sun");
  const asked = lodge.requests.slice(-2).map(({ messages }) => messages.length);
  expect(asked[1]).toBeGreaterThan(asked[0] ?? 0);
  const summary = await watch.until(() => {
    const found = watch.sessions.get(first.session ?? "");
    return found?.state.name === "ready" ? found : undefined;
  });
  expect(first.usage?.output_tokens).toBeGreaterThan(0);
  expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
  expect(summary.inputTokens).toBe((first.usage?.input_tokens ?? 0) + (second.usage?.input_tokens ?? 0));
  expect(summary.outputTokens).toBe((first.usage?.output_tokens ?? 0) + (second.usage?.output_tokens ?? 0));
  expect(summary).toMatchObject({ turns: 1, costUsd: expect.any(Number) });
});
