/** Answers that must be JSON documents of a schema, over every family of the API, with the real CLI. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames } from "../harness/sse.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model", LODGE_MAX_LIVE: "3" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const person = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: { name: { type: "string" }, size: { enum: ["s", "m"] } },
  required: ["name", "size"],
  additionalProperties: false,
};
const age = { type: "object", properties: { age: { type: "integer" } }, required: ["age"] };
/** What the demo model makes of them. */
const somebody = { name: "demo", size: "s" };

type Json = Record<string, unknown>;
/** What a client has of a reply, whichever way it came. */
interface Seen {
  text: string;
  /** How many pieces the text came in. */
  pieces: number;
  refusal: string;
  /** Names of tools that were called. */
  calls: string[];
  end: unknown;
  error: Json | undefined;
}
const nothing = (): Seen => ({ text: "", pieces: 0, refusal: "", calls: [], end: undefined, error: undefined });

interface Family {
  path: string;
  body: (messages: readonly Json[], schema: Json | undefined) => Json;
  /** Of a body that is whole. */
  whole: (body: Json, seen: Seen) => void;
  /** Of one frame of a stream. */
  frame: (data: Json, seen: Seen) => void;
  ends: Record<"answer" | "limit" | "refusal", unknown>;
}

const said = (seen: Seen, text: string) => {
  seen.text += text;
  seen.pieces++;
};

const chat: Family = {
  path: "/v1/chat/completions",
  body: (messages, schema) => ({
    model: "haiku",
    messages,
    ...(schema && { response_format: { type: "json_schema", json_schema: { name: "it", strict: true, schema } } }),
  }),
  whole(body, seen) {
    const [choice] = body["choices"] as { message: Json; finish_reason: string }[];
    said(seen, (choice?.message["content"] as string | null) ?? "");
    seen.refusal = (choice?.message["refusal"] as string | null) ?? "";
    seen.calls = ((choice?.message["tool_calls"] ?? []) as { function: Json }[]).map((call) =>
      String(call.function["name"]),
    );
    seen.end = choice?.finish_reason;
  },
  frame(data, seen) {
    const [choice] = (data["choices"] ?? []) as { delta: Json; finish_reason: string | null }[];
    if (typeof choice?.delta["content"] === "string") said(seen, choice.delta["content"]);
    if (typeof choice?.delta["refusal"] === "string") seen.refusal += choice.delta["refusal"];
    for (const call of (choice?.delta["tool_calls"] ?? []) as { id?: string; function: Json }[])
      if (call.id !== undefined) seen.calls.push(String(call.function["name"]));
    seen.end = choice?.finish_reason ?? seen.end;
  },
  ends: { answer: "stop", limit: "length", refusal: "content_filter" },
};

const messages: Family = {
  path: "/v1/messages",
  body: (list, schema) => ({
    model: "haiku",
    max_tokens: 1000,
    messages: list,
    ...(schema && { output_config: { format: { type: "json_schema", schema } } }),
  }),
  whole(body, seen) {
    for (const block of body["content"] as Json[]) {
      if (block["type"] === "text") said(seen, String(block["text"]));
      if (block["type"] === "tool_use") seen.calls.push(String(block["name"]));
    }
    seen.end = body["stop_reason"];
  },
  frame(data, seen) {
    const { type, delta, content_block: block } = data as { type: string; delta?: Json; content_block?: Json };
    if (delta?.["type"] === "text_delta") said(seen, String(delta["text"]));
    if (block?.["type"] === "tool_use") seen.calls.push(String(block["name"]));
    if (type === "message_delta") seen.end = delta?.["stop_reason"];
  },
  ends: { answer: "end_turn", limit: "max_tokens", refusal: "refusal" },
};

const responses: Family = {
  path: "/v1/responses",
  body: (input, schema) => ({
    model: "haiku",
    input,
    ...(schema && { text: { format: { type: "json_schema", name: "it", strict: true, schema } } }),
  }),
  whole(body, seen) {
    for (const item of body["output"] as Json[]) {
      if (item["type"] === "function_call") seen.calls.push(String(item["name"]));
      for (const part of (item["content"] ?? []) as Json[]) {
        if (part["type"] === "output_text") said(seen, String(part["text"]));
        if (part["type"] === "refusal") seen.refusal += String(part["refusal"]);
      }
    }
    const reason = (body["incomplete_details"] as Json | null)?.["reason"];
    seen.end = reason === undefined ? body["status"] : [body["status"], reason];
    if (body["error"] != null) seen.error = body["error"] as Json;
  },
  frame(data, seen) {
    const { type, response } = data as { type: string; response?: Json };
    if (type === "response.output_text.delta") said(seen, String(data["delta"]));
    if (type === "response.refusal.delta") seen.refusal += String(data["delta"]);
    if (!response || response["status"] === "in_progress") return;
    const last = nothing();
    responses.whole(response, last);
    expect([last.text, last.refusal]).toEqual([seen.text, seen.refusal]);
    Object.assign(seen, { calls: last.calls, end: last.end, error: last.error });
  },
  ends: {
    answer: "completed",
    limit: ["incomplete", "max_output_tokens"],
    refusal: ["incomplete", "content_filter"],
  },
};

const families = { chat, messages, responses };

interface Reply extends Seen {
  status: number;
  source: string | null;
  session: string | null;
  ignored: string | null;
}

async function ask(family: Family, request: Json, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await lodge.post(family.path, request, headers);
  const seen = nothing();
  if (request["stream"] === true && response.ok) {
    for (const { data } of await collectFrames(response)) {
      if (data === "[DONE]") continue;
      const parsed = JSON.parse(data) as Json;
      if (parsed["error"] !== undefined && parsed["error"] !== null) seen.error = parsed["error"] as Json;
      else family.frame(parsed, seen);
    }
  } else {
    const body = (await response.json()) as Json;
    if (response.ok) family.whole(body, seen);
    else seen.error = body["error"] as Json;
  }
  return {
    ...seen,
    status: response.status,
    source: response.headers.get("x-lodge-session-source"),
    session: response.headers.get("x-claude-session"),
    ignored: response.headers.get("x-lodge-ignored"),
  };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

/** A client that keeps its history, and adds to it what it was told. */
class Talk {
  readonly history: Json[] = [];

  constructor(
    readonly family: Family,
    /** Null for none. */
    readonly schema: Json | null = person,
  ) {}

  async say(words: string, more: Json = {}, schema = this.schema): Promise<Reply> {
    const list = [...this.history, user(words)];
    const reply = await ask(this.family, { ...this.family.body(list, schema ?? undefined), ...more });
    if (!reply.error) this.history.push(user(words), assistant(reply.text));
    return reply;
  }
}

/** What the model said and was told, without what the CLI adds. */
function sent(): string[] {
  return (lodge.requests.at(-1)?.messages ?? [])
    .filter(({ role }) => role !== "system")
    .flatMap(({ content }) => (typeof content === "string" ? [{ type: "text", text: content }] : (content as Json[])))
    .map((block) => String(block["text"] ?? (block["input"] ? JSON.stringify(block["input"]) : block["type"])));
}

const missed = "did not answer in the shape that was asked for";
const messageOf = ({ error }: Reply): string => String(error?.["message"]);

describe.each(Object.entries(families))("%s", (name, family) => {
  const answer = { calls: [], refusal: "", end: family.ends.answer, error: undefined };

  test("is the document and nothing else, whole or streamed, warm from turn to turn", async () => {
    const talk = new Talk(family);
    // Words beside it, and a draft before it that does not fit.
    const first = await talk.say('draft: {"name":1}');
    expect(first).toMatchObject({ ...answer, text: JSON.stringify(somebody), source: "cold" });

    const document = JSON.stringify({ name: "somebody with a name of several pieces", size: "m" });
    const warm = { source: "warm", session: first.session };
    const second = await talk.say(`draft: ${document}`, { stream: true });
    expect(second).toMatchObject({ ...answer, ...warm, text: document });
    expect(second.pieces).toBeGreaterThan(1);
    expect(await talk.say(`echo: ${document}`)).toMatchObject({ ...answer, ...warm, text: document });

    // What was shown already cannot be taken back.
    const broken = await talk.say('draft: {"name":1}', { stream: true });
    expect(broken).toMatchObject({ ...warm, text: '{"name":1}' });
    expect(messageOf(broken)).toContain(missed);
    expect(messageOf(broken)).toContain("/name");
  });

  test("a refusal is told as one", async () => {
    const reply = await new Talk(family).say("refuse", { stream: family === responses });
    expect(reply.end).toEqual(family.ends.refusal);
    // The Messages API has no other place for it than the text.
    const told = family === messages ? { text: "I must refuse this." } : { text: "", refusal: "I must refuse this." };
    expect(reply).toMatchObject(told);
  });

  test.each([
    [{ type: "object", properties: { a: { type: "strange" } } }, "must be equal to one of the allowed values"],
    [{ type: "array", items: {} }, 'must be of type "object"'],
    [{ type: "object", description: "x".repeat(200_000) }, "longer than"],
  ] as [Json, string][])("a schema that is of no use is refused by its field: %#", async (schema, why) => {
    const reply = await new Talk(family, schema).say("hi");
    expect(reply.status).toBe(400);
    const field = { chat: "response_format.json_schema", messages: "output_config.format", responses: "text.format" }[
      name
    ];
    expect(messageOf(reply)).toStartWith(`${field}.schema: `);
    expect(messageOf(reply)).toContain(why);
    if (family !== messages) expect(reply.error?.["param"]).toBe(`${field}.schema`);
  });

  test("is not to be had of the terminal driver", async () => {
    const reply = await ask(family, family.body([user("hi")], person), { "x-claude-driver": "terminal" });
    expect(reply.status).toBe(400);
    expect(messageOf(reply)).toContain("terminal driver");
  });
});

test("a conversation goes on when its format changes, and a fork of it knows the document", async () => {
  const talk = new Talk(chat);
  const one = await talk.say("one");
  const fork = new Talk(chat, null);
  fork.history.push(...talk.history);
  const same = { source: "resumed", session: one.session };
  const two = await talk.say("two", {}, age);
  expect(two).toMatchObject({ ...same, text: '{"age":0}' });
  expect(await ask(chat, chat.body([...talk.history, user("turns")], undefined))).toMatchObject({ ...same, text: "3" });
  for (const words of ["one", one.text, "two", two.text, "turns"]) expect(sent()).toContain(words);

  expect(await fork.say("turns")).toMatchObject({ source: "forked", text: "2" });
  expect(sent()).toContain(one.text);
  // A document has its place in the transcript with its result, and not without.
  expect(JSON.stringify(lodge.requests.at(-1)?.messages)).not.toContain("Tool result missing");
});

test("calls of the client's tools come first, then the document", async () => {
  const tools = [{ type: "function", function: { name: "add", parameters: { type: "object", properties: {} } } }];
  const request = (list: Json[]) => ({ ...chat.body(list, person), tools });
  const prompt = user("tool: add {}");
  const response = await lodge.post(chat.path, request([prompt]));
  const { choices } = (await response.json()) as { choices: { message: Json; finish_reason: string }[] };
  expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
  const [call] = choices[0]!.message["tool_calls"] as { id: string; function: Json }[];
  expect(call?.function["name"]).toBe("add");
  const answered = [prompt, { ...choices[0]?.message }, { role: "tool", tool_call_id: call?.id, content: "3" }];
  const last = await ask(chat, { ...request(answered), stream: true });
  expect(last).toMatchObject({ text: JSON.stringify(somebody), calls: [], end: "stop", source: "warm" });

  // Where a call is required, a document without one is not what was asked for.
  const next = [...answered, assistant(last.text), user("hi")];
  const { status, error } = await ask(chat, { ...request(next), tool_choice: "required" });
  expect({ status, code: error?.["code"] }).toEqual({ status: 502, code: "tool_choice_unmet" });
});

test("an agent's document comes after its tools, without a word of theirs", async () => {
  const headers = { "x-claude-mode": "agent", "x-claude-permission-mode": "bypassPermissions" };
  const request = chat.body([user('tool: Bash {"command":"echo here"}')], person);
  const reply = await ask(chat, { ...request, stream: true }, headers);
  expect(reply).toMatchObject({ text: JSON.stringify(somebody), calls: [], end: "stop" });
  expect(sent().at(-1)).toBe("tool_result");
});

test("a schema that is not strict is tried for; what is no document at all is an error", async () => {
  const response_format = { type: "json_schema", json_schema: { name: "it", schema: person } };
  const talk = new Talk(chat, null);
  const say = (words: string, more: Json = {}) => talk.say(words, { response_format, ...more });
  expect(await say('draft: {"name":1}')).toMatchObject({ text: JSON.stringify(somebody), end: "stop" });
  expect(await say('echo: {"name":1}')).toMatchObject({ text: '{"name":1}', end: "stop", source: "warm" });
  const strictly = await ask(chat, chat.body([...talk.history, user('echo: {"name":1}')], person));
  expect(strictly).toMatchObject({ status: 502, error: { code: "output_format_unmet" } });
  expect(messageOf(strictly)).toContain("must have required property 'size'");
  const streamed = await say('draft: {"name":2}', { stream: true });
  expect(streamed).toMatchObject({ text: '{"name":2}', end: "stop", error: undefined });
  // The model was about to give another.
  const none = await say("echo: none at all");
  expect(none.status).toBe(502);
  expect(none.error).toMatchObject({ code: "output_format_unmet" });
  expect(messageOf(none)).toContain('It said: "none at all"');
});

test("any object is a JSON object, up to the limit of tokens", async () => {
  const talk = new Talk(chat, null);
  const response_format = { type: "json_object" };
  const reply = await talk.say('echo: {"any":["thing"]}', { response_format });
  expect(reply).toMatchObject({ text: '{"any":["thing"]}', end: "stop" });
  const cut = await talk.say('echo: {"any":["thing"]}', { response_format, max_tokens: 2 });
  expect(cut).toMatchObject({ text: '{"any":[', end: "length", source: "warm" });
});

test("the Messages API has thinking before the document, and knows the field by its older name", async () => {
  const request = { ...messages.body([user("think: hm")], person), thinking: { type: "adaptive" } };
  const reply = await (await lodge.post(messages.path, request)).json();
  const text = JSON.stringify(somebody);
  const content = [
    { type: "thinking", thinking: "hm" },
    { type: "text", text },
  ];
  expect(reply).toMatchObject({ content, stop_reason: "end_turn" });

  const format = { type: "json_schema", schema: person };
  const next = messages.body([user("think: hm"), assistant(text), user("more")], undefined);
  const older = await ask(messages, { ...next, output_format: format });
  expect(older).toMatchObject({ text, end: "end_turn", source: "warm" });
  const both = await ask(messages, { ...next, output_format: format, output_config: { format } });
  expect(both.status).toBe(400);
  expect(messageOf(both)).toStartWith("output_format: ");
});

test("responses end at max_output_tokens, also in the background, where documents are to be had too", async () => {
  const limited = { max_output_tokens: 2 };
  const cut = await new Talk(responses, null).say("echo: 123456789", { ...limited, stream: true });
  expect(cut).toMatchObject({ text: "12345678", end: responses.ends.limit, ignored: null });

  const begin = (request: Json) => lodge.post(responses.path, { ...request, background: true });
  const finished = async (request: Json): Promise<Json> => {
    const { id } = (await (await begin(request)).json()) as { id: string };
    const frames = await collectFrames(await lodge.fetch(`${responses.path}/${id}?stream=true`));
    return (JSON.parse(frames.at(-1)?.data ?? "{}") as { response: Json }).response;
  };
  expect(await finished({ ...responses.body([user("echo: 123456789")], undefined), ...limited })).toMatchObject({
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
    max_output_tokens: 2,
    output: [{ status: "incomplete", content: [{ text: "12345678" }] }],
  });
  expect(await finished(responses.body([user("hi")], person))).toMatchObject({
    status: "completed",
    text: { format: { type: "json_schema", name: "it", strict: true, schema: person } },
    output: [{ content: [{ type: "output_text", text: JSON.stringify(somebody) }] }],
  });
  expect((await begin(responses.body([user("hi")], { type: "array" }))).status).toBe(400);
});
