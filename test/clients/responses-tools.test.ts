// Tools that the client executes, over the Responses API and through the `openai` package as it is.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI from "openai";
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseFunctionToolCall,
  ResponseInputItem,
  Tool,
} from "openai/resources/responses/responses";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let client: OpenAI;

beforeAll(async () => {
  lodge = await startTestLodge();
  client = new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey: lodge.token, maxRetries: 0 });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const tool = (name: string): Tool => ({
  type: "function",
  name,
  description: `What ${name} does.`,
  parameters: { type: "object", properties: { of: { type: "string" } }, required: ["of"], additionalProperties: false },
  strict: true,
});
const tools = [tool("weather"), tool("time.of day")];
const ask = (input: string | ResponseInputItem[], more: Partial<ResponseCreateParamsNonStreaming> = {}) =>
  client.responses.create({ model: "haiku", tools, input, ...more });

const callsOf = ({ output }: Response): ResponseFunctionToolCall[] =>
  output.filter((item) => item.type === "function_call");
const answer = (callId: string, output: string): ResponseInputItem => ({
  type: "function_call_output",
  call_id: callId,
  output,
});

describe("a function call", () => {
  test("is answered by its id, in the turn that it was made in", async () => {
    const first = await ask('tool: weather {"of":"Oslo"}');
    const [call] = callsOf(first);
    expect(first).toMatchObject({ status: "completed", output_text: "" });
    expect(call).toMatchObject({ type: "function_call", name: "weather", status: "completed" });
    expect(JSON.parse(call!.arguments)).toEqual({ of: "Oslo" });
    expect(call!.id).toStartWith("fc_");
    const { data: second, response } = await client.responses
      .create({ model: "haiku", tools, previous_response_id: first.id, input: [answer(call!.call_id, "4 degrees")] })
      .withResponse();
    expect(second.output_text).toContain("4 degrees");
    expect(response.headers.get("x-lodge-session-source")).toBe("warm");
    const third = await ask("turns", { previous_response_id: second.id });
    expect(third.output_text).toBe("2");
  });

  test("of several at once, with the history sent by the client", async () => {
    const words = 'tool: weather {"of":"Oslo"}\ntool: weather {"of":"Rome"}';
    const first = await ask(words, { store: false });
    const calls = callsOf(first);
    expect(calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([{ of: "Oslo" }, { of: "Rome" }]);
    const outputs = calls.map((call, index) => answer(call.call_id, `result ${index}`)).toReversed();
    const second = await ask([{ role: "user", content: words }, ...calls, ...outputs], { store: false });
    expect(second.output_text).toContain("result 0");
    expect(second.output_text).toContain("result 1");
  });

  test("streams its arguments, which add up", async () => {
    const stream = client.responses.stream({ model: "haiku", tools, input: 'tool: weather {"of":"a far away place"}' });
    let said = "";
    stream.on("response.function_call_arguments.delta", ({ delta }) => (said += delta));
    const [call] = callsOf(await stream.finalResponse());
    expect(call!.arguments).toBe(said);
    expect(JSON.parse(said)).toEqual({ of: "a far away place" });
  });

  test("in the background waits for its result, which comes whenever it comes", async () => {
    const { id } = await ask('tool: weather {"of":"Oslo"}', { background: true });
    let first = await client.responses.retrieve(id);
    while (first.status !== "completed") first = await client.responses.retrieve(id);
    const [call] = callsOf(first);
    const second = await ask([answer(call!.call_id, "snow")], { previous_response_id: id });
    expect(second.output_text).toContain("snow");
  });
});

describe("custom tools", () => {
  const patch: Tool = {
    type: "custom",
    name: "patch",
    description: "Applies a patch.",
    format: { type: "grammar", syntax: "lark", definition: 'start: "x"' },
  };

  test("get text of any form, and give some back", async () => {
    const text = '*** Begin\n"quoted" \\ ü 😀';
    const stream = client.responses.stream({
      model: "haiku",
      tools: [patch],
      input: `tool: patch ${JSON.stringify({ input: text })}`,
    });
    let said = "";
    stream.on("response.custom_tool_call_input.delta", ({ delta }) => (said += delta));
    const first = await stream.finalResponse();
    const call = first.output.find((item) => item.type === "custom_tool_call");
    expect(call).toMatchObject({ name: "patch", input: text });
    expect(said).toBe(text);
    const offered = lodge.requests.at(-1)!.tools.find(({ name }) => name?.endsWith("patch"));
    expect(JSON.stringify(offered)).toContain("lark");
    const second = await client.responses.create({
      model: "haiku",
      tools: [patch],
      previous_response_id: first.id,
      input: [{ type: "custom_tool_call_output", call_id: call!.call_id, output: "applied" }],
    });
    expect(second.output_text).toContain("applied");
  });

  test("in a namespace keep their names", async () => {
    const first = await client.responses.create({
      model: "haiku",
      tools: [
        {
          type: "namespace",
          name: "mail",
          description: "Mail.",
          tools: [{ type: "function", name: "send", parameters: { type: "object" } }],
        },
      ],
      input: "tool: mail__send {}",
    });
    expect(callsOf(first)).toMatchObject([{ name: "send", namespace: "mail", arguments: "{}" }]);
  });
});

describe("the choice of tools", () => {
  test("none offers none", async () => {
    const response = await ask("echo: x", { tool_choice: "none" });
    expect(response.output_text).toBe("x");
    expect(lodge.requests.at(-1)!.tools.filter(({ name }) => name?.includes("weather"))).toEqual([]);
  });

  test("some allowed offers these", async () => {
    const choice = { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "weather" }] } as const;
    await ask("echo: x", { tool_choice: { ...choice, tools: [...choice.tools] } });
    const names = lodge.requests.at(-1)!.tools.map(({ name = "" }) => name);
    expect(names.filter((name) => name.includes("weather"))).toHaveLength(1);
    expect(names.filter((name) => name.includes("time"))).toEqual([]);
  });

  test.each([
    [{ tool_choice: { type: "function", name: "nothing" } }, "tool_choice"],
    [{ tool_choice: { type: "web_search_preview" } }, "tool_choice"],
    [{ tools: [tool("weather"), tool("weather")] }, "tools.1"],
    [{ tools: [{ type: "function" }] }, "tools.0.name"],
    [{ tools: [{ type: "namespace", name: "x", tools: [{ type: "web_search" }] }] }, "tools.0.tools.0.type"],
  ])("%j is refused", async (wrong, param) => {
    const { status, error } = await lodge
      .post("/v1/responses", { model: "haiku", input: "x", tools, ...wrong })
      .then(async (reply) => ({ status: reply.status, ...((await reply.json()) as { error: { param: string } }) }));
    expect({ status, param: error.param }).toEqual({ status: 400, param });
  });
});

test("a call without its output is refused by its id, in the background at once", async () => {
  const input = [
    { role: "user", content: "x" },
    { type: "function_call", call_id: "call_lost", name: "weather", arguments: "{}" },
  ];
  for (const background of [false, true]) {
    const reply = await lodge.post("/v1/responses", { model: "haiku", input, tools, background });
    expect([reply.status, ((await reply.json()) as { error: { message: string } }).error.message]).toEqual([
      400,
      expect.stringContaining("have no result yet: call_lost."),
    ]);
  }
});

test("what a coding agent sends is accepted, and what nobody here can run is named", async () => {
  const { data, response } = await client.responses
    .create({
      model: "haiku",
      instructions: "You are a coding agent.",
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "<permissions>" }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "<environment>" }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "turns" }] },
      ],
      tools: [tool("shell"), { type: "web_search" }, { type: "local_shell" }, { type: "custom", name: "apply_patch" }],
      tool_choice: "auto",
      parallel_tool_calls: false,
      reasoning: { effort: "medium", summary: "auto" },
      store: false,
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: "0199",
      text: { verbosity: "low" },
    })
    .withResponse();
  expect(data.status).toBe("completed");
  expect(response.headers.get("x-lodge-ignored")?.split(", ").toSorted()).toEqual([
    "text.verbosity",
    "tools.local_shell",
    "tools.web_search",
  ]);
  expect(data.tools.map(({ type }) => type)).toEqual(["function", "web_search", "local_shell", "custom"]);
});

test("a history that was begun with hosted tools goes on without what they did, which is named and not kept", async () => {
  const input = [
    { role: "user", content: "echo: found" },
    { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
    { type: "local_shell_call", id: "ls_1", call_id: "c1", status: "completed", action: { type: "exec", command: [] } },
    { type: "local_shell_call_output", id: "c1", output: "out" },
    { role: "assistant", content: "found" },
    { role: "user", content: "turns" },
  ] as OpenAI.Responses.ResponseInput;
  const body = { model: "haiku", input, truncation: "auto" as const };
  const { data, response } = await client.responses.create(body).withResponse();
  expect(data.output_text).toBe("2");
  expect(response.headers.get("x-lodge-ignored")?.split(", ").toSorted()).toEqual([
    "input.local_shell_call",
    "input.local_shell_call_output",
    "input.web_search_call",
    "truncation",
  ]);
  const kept = await Array.fromAsync(client.responses.inputItems.list(data.id, { order: "asc" }));
  expect(kept.map(({ type }) => type)).toEqual(["message", "message", "message"]);
  // What it comes to can be asked before, with all that it goes on from.
  const count = async (more: object) => (await client.responses.inputTokens.count({ ...body, ...more })).input_tokens;
  const alone = await count({ input: "x".repeat(400) });
  expect(alone).toBe(100);
  expect(await count({ input: "x".repeat(400), previous_response_id: data.id })).toBeGreaterThan(alone);
  const refused = await count({ model: "gpt-9" }).catch((failure: unknown) => failure);
  expect(refused).toMatchObject({ status: 400, param: "model" });
});
