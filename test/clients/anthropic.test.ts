// The `@anthropic-ai/sdk` package as it is, with nothing changed but its base URL and key; and a session's name, where it
// does not matter what was said before, so that no process of the CLI has to start.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import type { MessageCreateParamsNonStreaming, MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let client: Anthropic;
const named = { "x-claude-session": "one for many" };
/** Goes on in one session, whatever it sends. */
let goingOn: Anthropic;

beforeAll(async () => {
  // However slow the machine: a failure has its status only until the first heartbeat.
  lodge = await startTestLodge({}, { heartbeatMs: 60_000 });
  client = new Anthropic({ baseURL: lodge.url, apiKey: lodge.token, authToken: null, maxRetries: 0 });
  goingOn = client.withOptions({ defaultHeaders: named });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const ask = (content: string): MessageCreateParamsNonStreaming => ({
  model: "haiku",
  max_tokens: 2048,
  messages: [{ role: "user", content }],
});

/** What a call fails with. */
async function failureOf(call: PromiseLike<unknown>): Promise<APIError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

describe("a message", () => {
  test("has the answer and real usage", async () => {
    const message = await goingOn.messages.create(ask("echo: Hello there"));
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      content: [{ type: "text", text: "Hello there" }],
      stop_reason: "end_turn",
      stop_sequence: null,
    });
    expect(message.id).toStartWith("msg_");
    expect(message.model).toContain("haiku");
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    // "Hello there" by the demo model's count of four characters a token.
    expect(message.usage.output_tokens).toBe(3);
    expect(message._request_id).toStartWith("req_");
  });

  test("the system prompt, as a string or as blocks, reaches the model", async () => {
    const blocks = [
      { type: "text" as const, text: "Speak briefly.", cache_control: { type: "ephemeral" as const } },
      { type: "text" as const, text: "Be kind." },
    ];
    const request = { ...ask("system"), model: "haiku:model" };
    const [one, two] = await Promise.all([
      client.messages.create({ ...request, system: "Speak briefly." }),
      client.messages.create({ ...request, system: blocks }),
    ]);
    expect(one.content).toMatchObject([{ text: "Speak briefly." }]);
    expect(two.content).toMatchObject([{ text: "Speak briefly.\n\nBe kind." }]);
  });

  test("the second turn finds the process of the first, thinking and all", async () => {
    const request = { ...ask("think: deep"), thinking: { type: "enabled" as const, budget_tokens: 1024 } };
    const first = await client.messages.create(request);
    const messages: MessageParam[] = [
      ...request.messages,
      { role: "assistant", content: first.content },
      { role: "user", content: "turns" },
    ];
    const { data, response } = await client.messages.create({ ...request, messages }).withResponse();
    expect(data.content).toMatchObject([{ type: "text", text: "2" }]);
    expect(response.headers.get("x-lodge-session-source")).toBe("warm");
  });

  test("a refusal has its own stop reason", async () => {
    const message = await goingOn.messages.create(ask("refuse"));
    expect(message.stop_reason).toBe("refusal");
  });
});

describe("a stream", () => {
  test("gives its text in pieces and the same message at its end", async () => {
    const stream = client.messages.stream(ask("echo: one two three"));
    const pieces: string[] = [];
    stream.on("text", (piece) => pieces.push(piece));
    const [final, whole] = await Promise.all([
      stream.finalMessage(),
      client.messages.create(ask("echo: one two three")),
    ]);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe("one two three");
    expect(final.content).toMatchObject([{ type: "text", text: "one two three" }]);
    expect(final.stop_reason).toBe("end_turn");
    for (const name of ["input_tokens", "output_tokens", "cache_read_input_tokens"] as const) {
      expect(final.usage[name]).toBe(whole.usage[name]);
    }
  });

  test("thinking comes as a block of its own, with its signature", async () => {
    const request = { ...ask("think: deep thought"), thinking: { type: "enabled" as const, budget_tokens: 1024 } };
    const stream = goingOn.messages.stream(request);
    const signatures: string[] = [];
    stream.on("signature", (signature) => signatures.push(signature));
    const final = await stream.finalMessage();
    const whole = await goingOn.messages.create(request);
    expect(signatures).toHaveLength(1);
    const expected = [
      { type: "thinking", thinking: "deep thought", signature: signatures[0]! },
      { type: "text", text: "I thought about: deep thought" },
    ];
    expect(final.content).toMatchObject(expected);
    expect(whole.content).toMatchObject(expected);
    expect(final.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  test("a refusal ends it with its own stop reason", async () => {
    const final = await goingOn.messages.stream(ask("refuse")).finalMessage();
    expect(final.stop_reason).toBe("refusal");
  });
});

test("models are listed in this family's shape", async () => {
  const page = await client.models.list();
  const ids = page.data.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["haiku", "sonnet", "opus", "sonnet:model", "sonnet:agent"]));
  expect(page.has_more).toBe(false);
  expect(page.first_id).toBe(page.data[0]!.id);
  expect(page.last_id).toBe(page.data.at(-1)!.id);
  for (const model of page.data) expect(Date.parse(model.created_at)).not.toBeNaN();
  for (const id of ids) expect(await client.models.retrieve(id)).toMatchObject({ id, type: "model" });
  const names = page.data.map(({ display_name: name }) => name);
  expect(names).toContain(`${names[ids.indexOf("sonnet")]} (agent mode)`);
});

describe("the token", () => {
  test("is taken as Bearer too", async () => {
    const bearer = new Anthropic({
      baseURL: lodge.url,
      apiKey: null,
      authToken: lodge.token,
      maxRetries: 0,
      defaultHeaders: named,
    });
    const message = await bearer.messages.create(ask("echo: hi"));
    expect(message.content).toMatchObject([{ text: "hi" }]);
  });

  test.each([
    { apiKey: "wrong-token", authToken: null },
    { apiKey: null, authToken: "wrong-token" },
  ])("is refused when wrong: %j", async (credentials) => {
    const wrong = new Anthropic({ baseURL: lodge.url, ...credentials, maxRetries: 0 });
    const error = await failureOf(wrong.messages.create(ask("hi")));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.error).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    expect(error.requestID).toStartWith("req_");
  });
});

describe("failures are the package's own errors", () => {
  test.each([
    [{ max_tokens: "many" }, "max_tokens"],
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages.0.content.0.text"],
    [{ tools: [{ name: "f" }] }, "tools.0.input_schema"],
  ])("400 for %j names the field", async (wrong, field) => {
    const body = { ...ask("hi"), ...wrong } as MessageCreateParamsNonStreaming;
    const error = await failureOf(client.messages.create(body));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.error).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
    expect(error.message).toContain(`${field}: `);
  });

  test.concurrent.each([
    ["fail: 400", 400, BadRequestError, "invalid_request_error", true],
    ["fail: 401", 401, AuthenticationError, "authentication_error", false],
    ["fail: 429", 429, RateLimitError, "rate_limit_error", true],
    ["fail: 500", 500, InternalServerError, "api_error", true],
    ["fail: 529", 529, InternalServerError, "overloaded_error", false],
  ])("%s comes through as %d", async (words, status, type, name, stream) => {
    const error = await failureOf(client.messages.create({ ...ask(words), stream }));
    expect(error).toBeInstanceOf(type);
    expect(error.status).toBe(status);
    expect(error.type as string).toBe(name);
    if (status === 429) expect(Number(error.headers?.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });
});
