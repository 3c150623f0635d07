/** The page's conversation, its requests, and what it makes of replies. */
import { expect, test } from "bun:test";
import { changed, type Change, type Entry, isAnswering } from "./conversation.ts";
import { type ChatSettings, requestOf } from "./request.ts";
import { send } from "./send.ts";
import { snippet } from "./snippets.ts";

const settings: ChatSettings = {
  api: "chat",
  model: "sonnet",
  mode: undefined,
  workspace: "",
  system: "",
  stream: true,
};
const asked = (text: string): Entry => ({ role: "user", text, pictures: [] });
const reply = (text: string): Entry => ({ role: "assistant", text, thinking: "", state: "done", facts: {} });
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

async function outcome(api: ChatSettings["api"], response: Response): Promise<Entry | undefined> {
  let entries: readonly Entry[] = [asked("a")];
  entries = changed(entries, { type: "answering", at: 1 });
  let ms = 0;
  await send(api, requestOf({ ...settings, api }, [asked("a")]), {
    signal: new AbortController().signal,
    onChange: (change) => {
      entries = changed(entries, change);
    },
    now: () => (ms += 10),
    fetch: async () => response,
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

test("a refusal and a failure midway are told in the server's words", async () => {
  const refusal = Response.json({ error: { message: "model: no-such is not offered." } }, { status: 400 });
  expect(await outcome("chat", refusal)).toMatchObject({ state: "failed", error: "model: no-such is not offered." });
  const broken = streamed({ choices: [{ delta: { content: "one" } }] }, { error: { message: "It broke." } });
  expect(await outcome("chat", broken)).toMatchObject({ state: "failed", text: "one", error: "It broke." });
});
