// Tools over Chat Completions with the `openai` package as it is: its own runner, and the wire that other clients read.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI, { type APIError, BadRequestError } from "openai";
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let client: OpenAI;
beforeAll(async () => {
  lodge = await startTestLodge();
  client = new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey: lodge.token, maxRetries: 0 });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const made: string[] = [];
const runnable = (name: string, answer: string) => ({
  type: "function" as const,
  function: {
    name,
    description: `The tool ${name}.`,
    parameters: { type: "object", properties: { city: { type: "string" } } },
    parse: JSON.parse,
    function: (input: { city?: string }) => {
      made.push(`${name} ${input.city ?? "-"}`);
      return answer;
    },
  },
});
const tools: ChatCompletionTool[] = ["weather", "time"].map((name) => ({ type: "function", function: { name } }));
const prompt = 'tool: weather {"city":"Oslo"}\ntool: time {}';
const ask = (content: string): ChatCompletionCreateParamsNonStreaming => ({
  model: "haiku",
  messages: [{ role: "user", content }],
  tools,
});

describe("runTools", () => {
  test.each([false, true])("runs the calls and goes on with their results (stream: %p)", async (stream) => {
    made.length = 0;
    const body = {
      model: "haiku",
      messages: [{ role: "user" as const, content: prompt }],
      tools: [runnable("weather", "rain"), runnable("time", "noon")],
    };
    const runner = stream
      ? client.chat.completions.runTools({ ...body, stream: true })
      : client.chat.completions.runTools(body);
    expect(await runner.finalContent()).toBe("weather -> rain\ntime -> noon");
    expect(made.toSorted()).toEqual(["time -", "weather Oslo"]);
    const roles = runner.messages.map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "tool", "tool", "assistant"]);
    const usage = await runner.totalUsage();
    if (!stream) expect(usage.completion_tokens).toBeGreaterThan(0);
  });
});

describe("a completion", () => {
  test("has its calls, null for content, and goes on warm whatever order the results come in", async () => {
    const body = ask(prompt);
    const first = await client.chat.completions.create(body).withResponse();
    const [choice] = first.data.choices;
    expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { role: "assistant", content: null } });
    const calls = choice?.message.tool_calls ?? [];
    expect(calls).toMatchObject([
      { type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
      { type: "function", function: { name: "time", arguments: "{}" } },
    ]);
    const messages: ChatCompletionMessageParam[] = [
      ...body.messages,
      // As several clients send it back: without content, with their own spelling of the arguments.
      {
        role: "assistant",
        tool_calls: calls.map((call) =>
          call.type === "function"
            ? { ...call, function: { ...call.function, arguments: `${call.function.arguments} ` } }
            : call,
        ),
      },
      ...calls.toReversed().map(({ id }, index) => ({ role: "tool" as const, tool_call_id: id, content: `r${index}` })),
    ];
    const second = await client.chat.completions.create({ ...body, messages }).withResponse();
    expect(second.response.headers.get("x-lodge-session-source")).toBe("warm");
    expect(second.data.choices[0]?.message.content).toBe("weather -> r1\ntime -> r0");
    const missing = client.chat.completions.create({ ...body, messages: messages.slice(0, -1) });
    const error = await missing.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as APIError).message).toContain(calls[0]?.id ?? "none");
  });

  test("one function by name, none, required and one at a time", async () => {
    const named = await client.chat.completions.create({
      ...ask("tool: time {}"),
      tool_choice: { type: "function", function: { name: "time" } },
    });
    expect(named.choices[0]?.finish_reason).toBe("tool_calls");
    const none = await client.chat.completions.create({ ...ask("tool: time {}"), tool_choice: "none" });
    expect(none.choices[0]?.message.content).toBe("The tool time was not offered to me.");
    const required = await client.chat.completions
      .create({ ...ask("echo: no"), tool_choice: "required" })
      .catch((failure: unknown) => failure);
    expect(required).toMatchObject({ status: 502, code: "tool_choice_unmet" });
    const single = await client.chat.completions.create({ ...ask(prompt), parallel_tool_calls: false });
    expect(single.choices[0]?.message.tool_calls).toHaveLength(1);
  });
});

test("a custom tool takes text as it is, whole and streamed, and its result goes on with the turn", async () => {
  const grammar = { type: "grammar" as const, grammar: { syntax: "lark" as const, definition: "start: /.+/" } };
  const patch = { type: "custom" as const, custom: { name: "patch", description: "Changes files.", format: grammar } };
  const input = '*** Begin\n+ "quoted"\n*** End';
  const { model, messages: asked } = ask(`tool: patch ${JSON.stringify({ input })}`);
  const body = { model, messages: asked, tools: [patch] };
  const runner = client.chat.completions.stream(body);
  const [choice] = (await runner.finalChatCompletion()).choices;
  expect(choice?.finish_reason).toBe("tool_calls");
  expect(lodge.requests.at(-1)?.tools[0]?.["description"]).toContain("must follow this lark grammar");
  const { message } = (await client.chat.completions.create(body)).choices[0]!;
  for (const said of [choice!.message, message]) {
    expect(said.tool_calls).toMatchObject([{ type: "custom", custom: { name: "patch", input } }]);
    const tool = { role: "tool" as const, tool_call_id: said.tool_calls![0]!.id, content: "done" };
    const messages = [...asked, said, tool];
    const { data, response } = await client.chat.completions.create({ ...body, messages }).withResponse();
    expect(data.choices[0]?.message.content).toBe("patch -> done");
    expect(response.headers.get("x-lodge-session-source")).toBe("warm");
  }
});

test("a stream's calls have a whole number for index, and their id, type and name once, first", async () => {
  const chunks: ChatCompletionChunk[] = [];
  const stream = await client.chat.completions.create({
    ...ask(prompt),
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) chunks.push(chunk);
  expect(JSON.stringify(chunks)).not.toContain("mcp__");
  const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
  for (const [index, name, text] of [
    [0, "weather", '{"city":"Oslo"}'],
    [1, "time", "{}"],
  ] as const) {
    const [first, ...rest] = deltas.filter((delta) => delta.index === index);
    expect(first).toEqual({ index, id: expect.any(String), type: "function", function: { name, arguments: "" } });
    for (const delta of rest) expect(Object.keys(delta).toSorted()).toEqual(["function", "index"]);
    expect(rest.map((delta) => delta.function?.arguments ?? "").join("")).toBe(text);
  }
  expect(chunks.flatMap(({ choices }) => choices.map(({ finish_reason: reason }) => reason)).filter(Boolean)).toEqual([
    "tool_calls",
  ]);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
});
