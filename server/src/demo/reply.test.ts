import { describe, expect, test } from "bun:test";
import type { Block, MessagePlan } from "./plan.ts";
import { replyTo } from "./reply.ts";
import type { ContentBlock, Message, MessagesRequest } from "./request.ts";

type Extra = Omit<Partial<MessagesRequest>, "messages">;

function ask(text: string | Message[], extra: Extra = {}): MessagePlan {
  const messages: Message[] = typeof text === "string" ? [{ role: "user", content: text }] : text;
  const plan = replyTo({ model: "claude-demo", max_tokens: 100_000, messages, ...extra });
  if (plan.kind !== "message") throw new Error(`expected a message, got ${JSON.stringify(plan)}`);
  return plan;
}

const said = (plan: MessagePlan): string =>
  plan.blocks.map((block) => (block.type === "text" ? block.text : `[${block.type}]`)).join("");

const calls = (plan: MessagePlan): Extract<Block, { type: "tool_use" }>[] =>
  plan.blocks.filter((block) => block.type === "tool_use");

const fail = (text: string) => replyTo({ model: "m", max_tokens: 9, messages: [user1(text)] });

const user = (...content: ContentBlock[]): Message => ({ role: "user", content });
const user1 = (content: string): Message => ({ role: "user", content });
const assistant = (content: string | ContentBlock[]): Message => ({ role: "assistant", content });
const conversation = [user1("first"), assistant("a"), user1("second"), assistant("b")];

describe("text answers", () => {
  test.each([
    ["hello", "Turn 1. You said: hello"],
    ["echo: a\n b", "a\n b"],
    ["slow: 3", "word1 word2 word3"],
    ["describe", "No image or document received."],
  ])("%j", (text, answer) => expect(said(ask(text))).toBe(answer));

  test("look back over the conversation", () => {
    expect(said(ask([...conversation, user1("recall")]))).toBe("first");
    expect(said(ask([...conversation, user1("turns")]))).toBe("3");
    expect(said(ask([...conversation, user1("third")]))).toBe("Turn 3. You said: third");
  });

  test("are as long as was asked for", () => {
    for (const count of [1, 9, 10, 11, 12_345]) expect(said(ask(`long: ${count}`))).toHaveLength(count);
  });

  test("come after thinking, which is signed", () => {
    const [thinking, text] = ask("think: deep").blocks;
    expect(thinking).toMatchObject({ type: "thinking", thinking: "deep", signature: expect.stringMatching(/.{8}/) });
    expect(text).toEqual({ type: "text", text: "I thought about: deep" });
  });
});

describe("the system prompt", () => {
  const cli = [
    { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.329.3c4; cc_entrypoint=sdk-ts;" },
    { type: "text", text: "You are a Claude agent, built on Anthropic's Claude Agent SDK." },
  ];

  test("is given without the CLI's own blocks", () => {
    expect(said(ask("system", { system: [...cli, { type: "text", text: "Be X." }] }))).toBe("Be X.");
    expect(said(ask("system", { system: cli }))).toBe("");
  });

  test("is given whole when it merely begins like one of them", () => {
    const own = "You are a Claude agent, built on Anthropic's Claude Agent SDK.\n\nBe X.";
    expect(said(ask("system", { system: own }))).toBe(own);
  });
});

describe("media", () => {
  const png: ContentBlock = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAAAA==" } };
  const pdf: ContentBlock = {
    type: "document",
    source: { type: "base64", media_type: "application/pdf", data: "AAAA" },
  };

  test("are described one a line", () => {
    const link: ContentBlock = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };
    const note: ContentBlock = { type: "document", source: { type: "text", media_type: "text/plain", data: "é" } };
    expect(said(ask([user(png, pdf, link, note, { type: "text", text: "describe" })]))).toBe(
      "image image/png 4 bytes\ndocument application/pdf 3 bytes\nimage url https://example.com/a.png\ndocument text/plain 2 bytes",
    );
  });

  test("of the last tool result are described when the turn brought none", () => {
    const read = [user1("tool: Read"), assistant([{ type: "tool_use", id: "a", name: "Read", input: {} }])];
    const seen = user({ type: "tool_result", tool_use_id: "a", content: [png] });
    expect(said(ask([...read, seen]))).toBe("Read -> image image/png 4 bytes");
    expect(said(ask([...read, seen, assistant("ok"), user1("describe")]))).toBe("image image/png 4 bytes");
  });

  test("of an earlier turn are forgotten", () => {
    const messages = [user(png, { type: "text", text: "look" }), assistant("ok"), user1("describe")];
    expect(said(ask(messages))).toBe("No image or document received.");
  });
});

describe("tools", () => {
  const tools = [{ name: "Bash" }, { name: "mcp__client__add" }, { name: "mcp__late__x", defer_loading: true }];

  test("are called by their names, or by the end of an MCP name", () => {
    const plan = ask('tool: add {"a":1}\ntool: Bash {"command":"ls"}', { tools });
    expect(plan.stopReason).toBe("tool_use");
    expect(calls(plan)).toMatchObject([
      { name: "mcp__client__add", input: { a: 1 } },
      { name: "Bash", input: { command: "ls" } },
    ]);
    expect(new Set(calls(plan).map((call) => call.id)).size).toBe(2);
  });

  test("that were not offered are said to be missing", () => {
    expect(said(ask("tool: nope", { tools }))).toBe("The tool nope was not offered to me.");
    expect(said(ask("tool: nope\ntool: Bash", { tools }))).toBe("The tool nope was not offered to me.[tool_use]");
  });

  test("that are deferred count once the conversation has loaded them", () => {
    expect(said(ask("tool: x", { tools }))).toBe("The tool x was not offered to me.");
    const addition = { type: "tool_addition", tool: { type: "tool_reference", name: "mcp__late__x" } };
    expect(calls(ask([user1("tool: x"), { role: "system", content: [addition] }], { tools }))).toHaveLength(1);
  });

  test("have their results reported in the order of the calls, as the user named them", () => {
    const messages = [
      user1('tool: add {"a":1}\ntool: nope\ntool: mcp__client__add {"a":2}\ntool: Bash'),
      assistant([
        { type: "tool_use", id: "a", name: "mcp__client__add", input: {} },
        { type: "tool_use", id: "b", name: "mcp__client__add", input: {} },
        { type: "tool_use", id: "c", name: "Bash", input: {} },
      ]),
      user(
        { type: "tool_result", tool_use_id: "c", content: "boom", is_error: true },
        { type: "tool_result", tool_use_id: "b", content: [{ type: "text", text: "two\nlines" }] },
        { type: "tool_result", tool_use_id: "a", content: "1<system-reminder>x</system-reminder>" },
      ),
    ];
    expect(said(ask(messages, { tools }))).toBe("add -> 1\nmcp__client__add -> two\nlines\nBash -> error: boom");
  });
});

describe("structure", () => {
  const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
  const tools = [{ name: "StructuredOutput", input_schema: schema }];
  const output_config = { format: { type: "json_schema", schema } };

  test("is an instance of the schema", () => {
    expect(said(ask("hello", { output_config }))).toBe('{"a":0}');
    expect(calls(ask("hello", { tools }))).toMatchObject([{ name: "StructuredOutput", input: { a: 0 } }]);
  });

  test("is chosen, or disobeyed, by echo", () => {
    expect(calls(ask('echo: {"a":5}', { tools }))).toMatchObject([{ input: { a: 5 } }]);
    expect(said(ask('echo: {"a":5}', { output_config }))).toBe('{"a":5}');
    expect(said(ask("echo: no", { tools }))).toBe("no");
  });

  test("does not stand in the way of a failure or of thinking", () => {
    const request = { model: "m", max_tokens: 9, messages: [user1("fail: 529")], tools };
    expect(replyTo(request)).toMatchObject({ kind: "failure", status: 529 });
    expect(ask("think: hm", { tools }).blocks.map((block) => block.type)).toEqual(["thinking", "tool_use"]);
  });

  test("comes after the results of other tools, and then the turn ends", () => {
    const asked = [user1("tool: Bash"), assistant([{ type: "tool_use", id: "a", name: "Bash", input: {} }])];
    expect(calls(ask([...asked, user({ type: "tool_result", tool_use_id: "a" })], { tools }))).toHaveLength(1);
    const given = [user1("x"), assistant([{ type: "tool_use", id: "a", name: "StructuredOutput", input: {} }])];
    const last = ask([...given, user({ type: "tool_result", tool_use_id: "a", content: "ok" })], { tools });
    expect(last).toMatchObject({ stopReason: "end_turn", blocks: [{ type: "text" }] });
  });

  test("is given again when the CLI insists", () => {
    const insists = user1("[structured-output-enforce] You MUST call the StructuredOutput tool.");
    expect(calls(ask([user1("x"), assistant("hm"), insists], { tools }))).toHaveLength(1);
  });
});

describe("endings", () => {
  test("failures have the status and type of the real API", () => {
    expect(fail("fail: 401")).toMatchObject({ status: 401, type: "authentication_error" });
    expect(fail("fail: 429")).toMatchObject({ status: 429, type: "rate_limit_error", retryAfterSeconds: 1 });
    expect(fail("fail: 500")).toMatchObject({ status: 500, type: "api_error" });
    expect(fail("fail: too-long")).toMatchObject({ status: 400, type: "invalid_request_error" });
    expect(fail("fail: 504 midway")).toMatchObject({ kind: "broken", failure: { status: 504, type: "timeout_error" } });
    expect(fail("fail: lost")).toMatchObject({ kind: "broken", failure: undefined });
    expect(fail("fail: 418")).toMatchObject({ status: 400, type: "invalid_request_error" });
    expect(fail("slow: 10001")).toMatchObject({ status: 400 });
    expect(fail("stall")).toEqual({ kind: "silence" });
  });

  test("a refusal stays one when the CLI asks again", () => {
    const again = user1("Your response above was stopped by a safety classifier — this is not an error.");
    expect(ask("refuse").stopReason).toBe("refusal");
    expect(ask([user1("refuse"), assistant("no"), again]).stopReason).toBe("refusal");
  });

  test("the tokens run out, and the answer goes on where it was cut", () => {
    const cut = ask("slow: 10", { max_tokens: 5 });
    expect(cut).toMatchObject({ stopReason: "max_tokens" });
    const resumed = ask([user1("slow: 10"), assistant(said(cut)), user1("Output token limit hit. Resume directly")]);
    expect(said(cut) + said(resumed)).toBe(said(ask("slow: 10")));
  });

  test("a stop sequence ends the answer before itself", () => {
    expect(ask("echo: one END two STOP", { stop_sequences: ["STOP", "END"] })).toMatchObject({
      blocks: [{ text: "one " }],
      stopReason: "stop_sequence",
      stopSequence: "END",
    });
  });

  test("an answer of a length that was asked for has that length", () => {
    expect(said(ask("long: 1000", { max_tokens: 5 }))).toHaveLength(1000);
  });

  test("half a tool call is never sent", () => {
    const tools = [{ name: "Bash" }];
    expect(ask('tool: Bash {"command":"a long one"}', { tools, max_tokens: 2 })).toMatchObject({
      blocks: [],
      stopReason: "max_tokens",
    });
  });
});

describe("the CLI's own calls", () => {
  const title = { system: [{ type: "text", text: "You are naming a coding session so the user can pick it." }] };

  test("a title is given, whatever the session says", () =>
    expect(said(ask("<session>\nstall\n</session>\n\nWrite the title", title))).toBe('{"title":"Demo: stall"}'));

  test("a summary lists what the user said", () =>
    expect(said(ask([...conversation, user1("CRITICAL: Respond with TEXT ONLY.")]))).toContain("- first\n- second"));

  test("a probe of one token never stalls, fails or calls", () => {
    for (const text of ["stall", "fail: 401", "tool: Bash"]) {
      expect(ask(text, { max_tokens: 1 })).toMatchObject({ stopReason: "max_tokens", blocks: [{ text: "Turn" }] });
    }
  });

  test("a notice is acknowledged, and calls no tool twice", () => {
    const notice = user1("<system-reminder>\n<task-notification>done</task-notification>\n</system-reminder>");
    const messages = [user1("tool: Bash"), assistant("Bash -> started"), notice];
    expect(said(ask(messages, { tools: [{ name: "Bash" }] }))).toBe("Noted.");
  });
});
