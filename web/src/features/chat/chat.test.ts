/** The page's conversation, its requests, and what it makes of replies. */
import { expect, test } from "bun:test";
import { answer } from "./answer.ts";
import { changed, type Change, type Entry, isAnswering } from "./conversation.ts";
import { type ChatSettings, requestOf } from "./request.ts";
import { snippet } from "./snippets.ts";

const settings: ChatSettings = {
  api: "chat",
  model: "sonnet",
  mode: undefined,
  workspace: "",
  system: "",
  stream: true,
  tools: false,
};
const asked = (text: string): Entry => ({ role: "user", text, pictures: [] });
const reply = (text: string): Entry => ({
  role: "assistant",
  rounds: [],
  text,
  thinking: "",
  state: "done",
  facts: {},
});
const all = (...changes: Change[]): readonly Entry[] => changes.reduce<readonly Entry[]>(changed, []);

test("an edit drops what came after it", () => {
  const before = [asked("a"), reply("1"), asked("b"), reply("2")];
  expect(changed(before, { type: "asked", at: 0, text: "c", pictures: [] })).toEqual([asked("c")]);
});

test("a reply grows, is told of, and ends; what comes after its end changes nothing", () => {
  const begun: Change[] = [
    { type: "asked", at: 0, text: "a", pictures: [] },
    { type: "answering", at: 1 },
  ];
  expect(isAnswering(all(...begun))).toBe(true);
  const ended = all(
    ...begun,
    { type: "thinking", piece: "hm" },
    { type: "text", piece: "on" },
    { type: "text", piece: "e" },
    { type: "facts", facts: { source: "warm" } },
    { type: "over", state: "done" },
  );
  expect(ended[1]).toEqual({
    role: "assistant",
    rounds: [],
    text: "one",
    thinking: "hm",
    state: "done",
    facts: { source: "warm" },
  });
  expect(changed(ended, { type: "text", piece: "more" })).toBe(ended);
  expect(isAnswering(ended)).toBe(false);
});

test("a request says what was set, and no more", () => {
  expect(requestOf(settings, [asked("hi")])).toEqual({
    path: "/v1/chat/completions",
    headers: {},
    body: {
      model: "sonnet",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
      stream_options: { include_usage: true },
    },
  });
  const picture = { name: "a.png", mediaType: "image/png", data: "AAAA" };
  const request = requestOf(
    { ...settings, api: "messages", mode: "agent", workspace: "web", system: "Be brief.", stream: false },
    // A reply that never said anything is none that the API would take.
    [{ role: "user", text: "what?", pictures: [picture] }, reply("")],
  );
  expect(request.headers).toMatchObject({ "x-claude-workspace": "web", "x-claude-mode": "agent" });
  expect(request.body).toMatchObject({
    system: "Be brief.",
    messages: [
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "text", text: "what?" },
        ],
      },
    ],
  });
  expect(request.body).not.toHaveProperty("stream");
});

test("a quote in a message does not end the shell's", async () => {
  const text = `it's $HOME and "more" \\ \`x\``;
  const code = snippet("curl", "chat", "http://localhost:1", requestOf(settings, [asked(text)]));
  const script = code.replace(/^curl -N \S+/, `printf '%s\\0'`);
  const printed = await new Response(Bun.spawn(["sh", "-c", script], { stdout: "pipe" }).stdout).text();
  const body = JSON.parse(printed.split("\0").at(-2)!) as { messages: { content: string }[] };
  expect(body.messages[0]!.content).toBe(text);
});

test("Python has its own words for true and null", () => {
  const code = snippet("python", "chat", "http://localhost:1", requestOf(settings, [asked("hi")]));
  expect(code).toContain('"include_usage": True');
  expect(code).toContain("stream=True");
  expect(code).not.toMatch(/\btrue\b|\bnull\b/);
});

const streamed = (...events: (object | string)[]) => {
  const text = events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
  return new Response(text, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "x-lodge-session-source": "warm",
      "x-claude-session": "s",
    },
  });
};

async function outcome(
  api: ChatSettings["api"],
  response: Response | Response[],
  bodies: unknown[] = [],
): Promise<Entry | undefined> {
  const responses = [response].flat();
  let entries: readonly Entry[] = [asked("a")];
  entries = changed(entries, { type: "answering", at: 1 });
  let ms = 0;
  await answer({ ...settings, api, tools: true }, [asked("a")], {
    signal: new AbortController().signal,
    onChange: (change) => {
      entries = changed(entries, change);
    },
    now: () => (ms += 10),
    async fetch(_url, { body }) {
      bodies.push(JSON.parse(body as string));
      return responses.shift() ?? Response.error();
    },
  });
  return entries[1];
}

test("both families' streams come to the same reply", async () => {
  const facts = { source: "warm", sessionId: "s", firstMs: 10, totalMs: 20, inputTokens: 3, outputTokens: 4 };
  const chat = streamed(
    { choices: [{ delta: { role: "assistant", content: "" } }], usage: null },
    { choices: [{ delta: { content: "one" } }] },
    { choices: [{ delta: {}, finish_reason: "stop" }] },
    { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
    "[DONE]",
  );
  expect(await outcome("chat", chat)).toMatchObject({
    state: "done",
    text: "one",
    facts: { ...facts, stopReason: "stop" },
  });
  const messages = streamed(
    { type: "message_start", message: { usage: { input_tokens: 3, output_tokens: 0 } } },
    { type: "content_block_delta", delta: { type: "thinking_delta", thinking: "hm" } },
    { type: "content_block_delta", delta: { type: "text_delta", text: "one" } },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } },
  );
  expect(await outcome("messages", messages)).toMatchObject({
    state: "done",
    text: "one",
    thinking: "hm",
    facts: { ...facts, stopReason: "end_turn" },
  });
});

const dice = { id: "call_1", name: "roll_dice", input: '{"sides": 1e9, "count": 0}' };

test("calls are answered by the page, and the model gets on with their results", async () => {
  const chat = [
    streamed(
      { choices: [{ delta: { role: "assistant", content: "Rolling." } }] },
      {
        choices: [{ delta: { tool_calls: [{ index: 0, id: dice.id, function: { name: dice.name, arguments: "" } }] } }],
      },
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: dice.input.slice(0, 9) } }] } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: dice.input.slice(9) } }] } }] },
      { choices: [{ delta: {}, finish_reason: "tool_calls" }] },
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
    ),
    streamed(
      { choices: [{ delta: { content: "No dice." } }] },
      { choices: [{ delta: {}, finish_reason: "stop" }] },
      { choices: [], usage: { prompt_tokens: 10, completion_tokens: 20 } },
    ),
  ];
  const messages = [
    streamed(
      { type: "message_start", message: { usage: { input_tokens: 3, output_tokens: 0 } } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Rolling." } },
      {
        type: "content_block_start",
        index: 1,
        content_block: { type: "tool_use", id: dice.id, name: dice.name, input: {} },
      },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: dice.input } },
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 4 } },
    ),
    Response.json({
      content: [{ type: "text", text: "No dice." }],
      stop_reason: "end_turn",
      usage: { input_tokens: 10, output_tokens: 20 },
    }),
  ];
  const result = "count: a whole number from 1 to 100.";
  const [toChat, toMessages]: [{ messages: object[] }[], { messages: object[] }[]] = [[], []];
  for (const [api, responses, bodies] of [
    ["chat", chat, toChat],
    ["messages", messages, toMessages],
  ] as const) {
    expect(await outcome(api, responses, bodies)).toMatchObject({
      state: "done",
      text: "No dice.",
      rounds: [{ text: "Rolling.", calls: [{ ...dice, result, isError: true }] }],
      facts: { inputTokens: 13, outputTokens: 24, firstMs: 10 },
    });
  }
  expect(toChat[1]!.messages).toEqual([
    { role: "user", content: "a" },
    {
      role: "assistant",
      content: "Rolling.",
      tool_calls: [{ id: dice.id, type: "function", function: { name: dice.name, arguments: dice.input } }],
    },
    { role: "tool", tool_call_id: dice.id, content: result },
  ]);
  expect(toMessages[1]!.messages).toEqual([
    { role: "user", content: "a" },
    {
      role: "assistant",
      content: [
        { type: "text", text: "Rolling." },
        { type: "tool_use", id: dice.id, name: dice.name, input: { sides: 1e9, count: 0 } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: dice.id, content: result, is_error: true }] },
  ]);
});

test("a model that asks for tools again and again is not asked for ever", async () => {
  const again = () =>
    Response.json({
      choices: [{ message: { tool_calls: [{ id: "c", function: { name: "roll_dice", arguments: "" } }] } }],
    });
  const bodies: unknown[] = [];
  const responses = Array.from({ length: 50 }, again);
  expect(await outcome("chat", responses, bodies)).toMatchObject({ state: "failed" });
  expect(bodies.length).toBe(11);
});

test("a refusal and a failure midway are told in the server's words", async () => {
  const refusal = Response.json({ error: { message: "model: no-such is not offered." } }, { status: 400 });
  expect(await outcome("chat", refusal)).toMatchObject({ state: "failed", error: "model: no-such is not offered." });
  const broken = streamed({ choices: [{ delta: { content: "one" } }] }, { error: { message: "It broke." } });
  expect(await outcome("chat", broken)).toMatchObject({ state: "failed", text: "one", error: "It broke." });
});
