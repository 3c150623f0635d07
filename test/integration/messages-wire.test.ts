// Requests as real histories of the Messages API are, also those that were begun elsewhere; and replies with every member
// that the API's own types promise.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames } from "../harness/sse.ts";
import { type Block, result, tool, ToolClient } from "../harness/tool-client.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const ask = (body: object) => lodge.post("/v1/messages", { model: "haiku", max_tokens: 1000, ...body });
const user = (content: string | object[]) => ({ role: "user", content });
const text = (words: string) => ({ type: "text", text: words });
/** What the model was sent last, as one text. */
const sent = (): string => JSON.stringify(lodge.requests.at(-1)?.messages);

describe("a request", () => {
  test("may have null for what it leaves out", async () => {
    const none = ["system", "stream", "thinking", "stop_sequences", "temperature", "top_p", "top_k", "metadata"].concat(
      ["tools", "tool_choice", "output_config", "mcp_servers", "service_tier", "container"],
    );
    const response = await ask({
      messages: [user("echo: hi")],
      ...Object.fromEntries(none.map((name) => [name, null])),
    });
    expect([response.status, response.headers.get("x-lodge-ignored")]).toEqual([200, null]);
  });

  test("may call what has no effect by words that cannot stand in a header", async () => {
    const messages = [
      user("echo: hi"),
      { role: "assistant", content: [{ type: "\r\n漢_tool_result" }, text("hi")] },
      user("echo: ho"),
    ];
    const response = await ask({ messages });
    expect([response.status, response.headers.get("x-lodge-ignored")]).toEqual([200, "messages.???_tool_result"]);
  });

  test("names what has no effect, and only that", async () => {
    const document = {
      type: "document",
      source: { type: "text", media_type: "text/plain", data: "words" },
      context: "what it is about",
      citations: { enabled: true },
    };
    const response = await ask({
      messages: [user([document, text("describe")])],
      temperature: 1,
      service_tier: "auto",
      speed: "fast",
      context_management: { edits: [] },
      cache_control: { type: "ephemeral" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-lodge-ignored")).toBe("temperature, speed, context_management, citations");
    expect(sent()).toContain("what it is about");
  });

  test("goes on from what Anthropic's own tools did, without it, and warm", async () => {
    const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } };
    const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };
    const first = [user("echo: searched"), { role: "assistant", content: [search, found, text("searched")] }];
    const one = await ask({ messages: [...first, user("turns")] });
    expect(one.headers.get("x-lodge-ignored")).toBe("messages.server_tool_use, messages.web_search_tool_result");
    const { content } = (await one.json()) as { content: Block[] };
    expect(content).toMatchObject([{ text: "2" }]);
    expect(sent()).not.toContain("srvtoolu_1");
    const two = await ask({ messages: [...first, user("turns"), { role: "assistant", content }, user("turns")] });
    expect(two.headers.get("x-lodge-session-source")).toBe("warm");
  });

  test("shows the results of a client's own search, in what the user says and in results of tools", async () => {
    const hit = { type: "search_result", source: "https://a.example/", title: "A page", content: [text("its words")] };
    const talk = new ToolClient(lodge, { tools: [tool("look")], model: "haiku" });
    await talk.say([hit]);
    await talk.say("tool: look {}");
    expect(sent()).toContain(JSON.stringify("A page\nhttps://a.example/\n\nits words"));
    const [{ id } = { id: "" }] = talk.calls;
    const reply = await talk.say([result(id, [hit, { type: "tool_reference", tool_name: "other" }])]);
    expect(reply).toMatchObject({ source: "warm", stopReason: "end_turn" });
    expect(reply.text).toBe('look -> A page\nhttps://a.example/\n\nits words\nThere is a tool "other".');
  });

  test.each([
    [{ mcp_servers: [{ type: "url", url: "https://a.example", name: "a" }] }, "mcp_servers"],
    [{ messages: [user([{ type: "container_upload", file_id: "f" }])] }, "messages.0.content.0"],
    [{ tools: [{ type: "computer_20250124", name: "computer" }] }, 'tools.0.type: "computer_20250124"'],
    [{ tools: [{ type: "bash_20250124" }] }, "tools.0.name"],
  ])("%j is refused by name", async (wrong, field) => {
    const response = await ask({ messages: [user("hi")], ...wrong });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(field) } });
  });
});

describe("a reply", () => {
  const usage = {
    input_tokens: expect.any(Number),
    output_tokens: expect.any(Number),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: null,
    inference_geo: null,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
    speed: null,
  };
  const members = { type: "message", role: "assistant", container: null, diagnostics: null };
  const tools = [tool("look")];
  const words = { type: "text", text: expect.any(String), citations: null };
  const call = { type: "tool_use", id: expect.any(String), name: "look", caller: { type: "direct" } };

  test.each([
    ["echo: hi", { content: [words], stop_reason: "end_turn", stop_details: null }],
    [
      "refuse",
      {
        content: [words],
        stop_reason: "refusal",
        stop_details: { type: "refusal", category: null, explanation: null },
      },
    ],
    ["tool: look {}", { content: [{ ...call, input: {} }], stop_reason: "tool_use", stop_details: null }],
  ])("has every member that the API's types promise: %s", async (prompt, told) => {
    const response = await ask({ messages: [user(prompt)], tools });
    expect(await response.json()).toEqual({
      ...members,
      id: expect.stringMatching(/^msg_/),
      model: expect.stringContaining("haiku"),
      stop_sequence: null,
      usage,
      ...told,
    });
  });

  test("and so has each event of a stream", async () => {
    const frames = await collectFrames(await ask({ messages: [user("tool: look {}")], tools, stream: true }));
    const events = frames.map(({ data }) => JSON.parse(data) as { type: string });
    const of = (type: string): object | undefined => events.find((event) => event.type === type);
    const open = { ...members, content: [], stop_reason: null, stop_sequence: null, stop_details: null };
    expect(of("message_start")).toMatchObject({ message: { ...open, usage } });
    expect(of("content_block_start")).toMatchObject({ content_block: { ...call, input: {} } });
    expect(of("message_delta")).toEqual({
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null, stop_details: null, container: null },
      usage,
    });
  });
});

test("models come in pages where a client asks for them", async () => {
  const list = async (query: string) => {
    const response = await lodge.fetch(`/v1/models${query}`, { headers: { "anthropic-version": "2023-06-01" } });
    return [response.status, await response.json()] as [number, { data: { id: string }[]; has_more: boolean }];
  };
  const [, all] = await list("");
  const ids = all.data.map(({ id }) => id);
  const [, first] = await list("?limit=2");
  expect(first).toMatchObject({ has_more: true, first_id: ids[0], last_id: ids[1] });
  const [, second] = await list(`?limit=2&after_id=${ids[1]}`);
  expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
  const [, before] = await list(`?before_id=${ids[2]}&limit=1000`);
  expect(before).toMatchObject({ has_more: false, last_id: ids[1] });
  expect(await list("?after_id=nobody")).toMatchObject([400, { error: { type: "invalid_request_error" } }]);
});
