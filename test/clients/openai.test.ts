// The `openai` package as it is, with nothing changed but its base URL and key; and a session's name, where it does not
// matter what was said before, so that no process of the CLI has to start.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError, RateLimitError } from "openai";
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from "openai/resources";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let client: OpenAI;
/** Goes on in one session, whatever it sends. */
let goingOn: OpenAI;

beforeAll(async () => {
  // However slow the machine: a failure has its status only until the first heartbeat.
  lodge = await startTestLodge({}, { heartbeatMs: 60_000 });
  client = clientAt("/v1");
  goingOn = client.withOptions({ defaultHeaders: { "x-claude-session": "one for many" } });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const clientAt = (path: string, apiKey = lodge.token) =>
  new OpenAI({ baseURL: lodge.url + path, apiKey, maxRetries: 0 });

const user = (content: string): ChatCompletionMessageParam => ({ role: "user", content });
const ask = (content: string): ChatCompletionCreateParamsNonStreaming => ({
  model: "haiku",
  messages: [user(content)],
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

describe("models", () => {
  test("are listed, and each can be asked for by itself", async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(["haiku", "sonnet", "opus", "sonnet:model", "sonnet:agent"]));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(await client.models.retrieve(id)).toMatchObject({ id, object: "model" });
    expect(await client.models.retrieve("openai/sonnet:agent")).toMatchObject({ id: "sonnet:agent" });
    const unknown = await failureOf(client.models.retrieve("sonnet:nothing"));
    expect(unknown.status).toBe(404);
  });

  test("the provider's prefix and the other base URL are understood", async () => {
    const other = goingOn.withOptions({ baseURL: `${lodge.url}/openai/v1` });
    const [reply, listed] = await Promise.all([
      other.chat.completions.create({ ...ask("echo: prefixed"), model: "openai/haiku" }),
      other.models.list(),
    ]);
    expect(reply.choices[0]?.message.content).toBe("prefixed");
    expect(reply.model).toContain("haiku");
    expect(listed.data.map(({ id }) => id)).toContain("haiku");
  });
});

describe("a completion", () => {
  test("has the answer, one choice and real usage", async () => {
    const reply = await goingOn.chat.completions.create(ask("echo: Hello there"));
    expect(reply).toMatchObject({
      object: "chat.completion",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello there" } }],
    });
    expect(reply.id).toStartWith("chatcmpl-");
    const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = reply.usage!;
    expect(prompt).toBeGreaterThan(0);
    // "Hello there" by the demo model's count of four characters a token.
    expect(completion).toBe(3);
    expect(total).toBe(prompt + completion);
  });

  test("system and developer messages reach the model", async () => {
    const messages: ChatCompletionMessageParam[] = [
      { role: "developer", content: "Speak briefly." },
      { role: "system", content: [{ type: "text", text: "Be kind." }] },
      user("system"),
    ];
    const reply = await client.chat.completions.create({ model: "haiku:model", messages });
    expect(reply.choices[0]?.message.content).toBe("Speak briefly.\n\nBe kind.");
  });

  test("a refusal is a content filter's stop", async () => {
    const reply = await goingOn.chat.completions.create(ask("refuse"));
    expect(reply.choices[0]).toMatchObject({
      finish_reason: "content_filter",
      message: { content: "I must refuse this." },
    });
  });

  test("the second turn finds the process of the first", async () => {
    const messages = [user("echo: first")];
    const first = await client.chat.completions.create({ model: "haiku", messages }).withResponse();
    expect(first.response.headers.get("x-lodge-session-source")).toBe("cold");
    messages.push(first.data.choices[0]!.message, user("turns"));
    const second = await client.chat.completions.create({ model: "haiku", messages }).withResponse();
    expect(second.data.choices[0]?.message.content).toBe("2");
    expect(second.response.headers.get("x-lodge-session-source")).toBe("warm");
    expect(second.response.headers.get("x-claude-session")).toBe(first.response.headers.get("x-claude-session"));
  });

  test("what only tunes sampling is accepted and named", async () => {
    const { response } = await goingOn.chat.completions
      .create({ ...ask("echo: hi"), temperature: 0.5, top_p: 0.9, seed: 7, user: "u", metadata: { a: "b" } })
      .withResponse();
    expect(response.headers.get("x-lodge-ignored")?.split(", ").toSorted()).toEqual(["seed", "temperature", "top_p"]);
  });
});

describe("a stream", () => {
  const stream = async (content: string, includeUsage: boolean, from = client): Promise<ChatCompletionChunk[]> => {
    const chunks = await from.chat.completions.create({
      ...ask(content),
      stream: true,
      ...(includeUsage ? { stream_options: { include_usage: true } } : {}),
    });
    return Array.fromAsync(chunks);
  };
  const finishReasons = (chunks: ChatCompletionChunk[]) =>
    chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason)).filter((reason) => reason !== null);
  const textOf = (chunks: ChatCompletionChunk[]) =>
    chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");

  test("begins with the role, ends with one reason, and says nothing of usage unasked", async () => {
    const chunks = await stream("echo: one two three", false, goingOn);
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(finishReasons(chunks)).toEqual(["stop"]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(textOf(chunks)).toBe("one two three");
    for (const chunk of chunks) {
      expect(chunk).not.toHaveProperty("usage");
      expect(chunk.choices).toHaveLength(1);
      expect(chunk.choices[0]?.delta.content).not.toBe("");
    }
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test("with usage ends with one more chunk that has it, equal to that of a whole completion", async () => {
    const [chunks, whole] = await Promise.all([
      stream("echo: counted words", true),
      client.chat.completions.create(ask("echo: counted words")),
    ]);
    expect(finishReasons(chunks)).toEqual(["stop"]);
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage).toEqual(whole.usage);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test("the package's own helper puts it together", async () => {
    const runner = goingOn.chat.completions.stream({ ...ask("echo: put together"), stream: true });
    const words: string[] = [];
    runner.on("content", (delta) => words.push(delta));
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe("put together");
    expect(words.join("")).toBe("put together");
  });
});

describe("failures are the package's own errors", () => {
  test("401 for a wrong key", async () => {
    const error = await failureOf(clientAt("/v1", "wrong-token").chat.completions.create(ask("hi")));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: "invalid_api_key", type: "authentication_error" });
    expect(error.requestID).toStartWith("req_");
  });

  test.each([
    [{ n: 2 }, "n"],
    [{ logprobs: true }, "logprobs"],
    [{ audio: { voice: "alloy", format: "wav" } }, "audio"],
    [{ tools: [{ type: "function", function: {} }] }, "tools.0.function.name"],
    [{ functions: [{ name: "f" }] }, "functions"],
    [{ function_call: "auto" }, "function_call"],
    [{ messages: [{ role: "user", content: 3 }] }, "messages.0.content"],
  ])("400 for %j names the field", async (wrong, param) => {
    const body = { ...ask("hi"), ...wrong } as ChatCompletionCreateParamsNonStreaming;
    const error = await failureOf(client.chat.completions.create(body));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.param).toBe(param);
    expect(error.type).toBe("invalid_request_error");
  });

  test("400 for a model that is not offered says which are", async () => {
    const error = await failureOf(client.chat.completions.create({ ...ask("hi"), model: "gpt-9" }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param: "model", code: "model_not_found" });
    expect(error.message).toContain("haiku");
  });

  test.concurrent.each([
    ["fail: 400", 400, BadRequestError, false],
    ["fail: 401", 401, AuthenticationError, true],
    ["fail: 429", 429, RateLimitError, true],
    ["fail: 500", 500, InternalServerError, false],
    ["fail: 529", 529, InternalServerError, true],
  ])("%s comes through as %d", async (words, status, type, stream) => {
    const error = await failureOf(client.chat.completions.create({ ...ask(words), stream }));
    expect(error).toBeInstanceOf(type);
    expect(error.status).toBe(status);
    if (status === 429) expect(Number(error.headers?.get("retry-after"))).toBeGreaterThanOrEqual(1);
    if (status === 401) expect(error.headers?.get("x-should-retry")).toBe("false");
  });
});
