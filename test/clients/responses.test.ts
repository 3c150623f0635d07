// The Responses API through the `openai` package as it is: made, streamed, gone on from, fetched, followed, forgotten.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai";
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { pixel } from "../harness/media.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let client: OpenAI;
/** Goes on in one session, whatever it sends: where it does not matter what was said before, no process has to start. */
let goingOn: OpenAI;

beforeAll(async () => {
  // However slow the machine: a failure has its status only until the first heartbeat.
  lodge = await startTestLodge({}, { heartbeatMs: 60_000 });
  client = new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey: lodge.token, maxRetries: 0 });
  goingOn = client.withOptions({ defaultHeaders: { "x-claude-session": "one for many" } });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const ask = (input: string, more: Partial<ResponseCreateParamsNonStreaming> = {}, from = client) =>
  from.responses.create({ model: "haiku", input, ...more });

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

/** Fetches it until it is over, as a client would. */
async function over(id: string): Promise<Response> {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (response.status !== "queued" && response.status !== "in_progress") return response;
  }
}

const textOf = (events: readonly ResponseStreamEvent[]): string =>
  events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join("");

describe("a response", () => {
  test("has its text, its usage and what was asked for", async () => {
    const asked = {
      metadata: { topic: "greeting" },
      max_output_tokens: 5000,
      parallel_tool_calls: false,
      truncation: "auto" as const,
    };
    const response = await ask("echo: Hello there", asked, goingOn);
    expect(response).toMatchObject({
      object: "response",
      status: "completed",
      output_text: "Hello there",
      error: null,
      incomplete_details: null,
      metadata: { topic: "greeting" },
      max_output_tokens: 5000,
      parallel_tool_calls: false,
      truncation: "auto",
      output: [{ type: "message", role: "assistant", status: "completed" }],
    });
    expect(response.id).toStartWith("resp_");
    expect(response.output[0]!.id).toStartWith("msg_");
    expect(response.model).toContain("haiku");
    // "Hello there" by the demo model's count of four characters a token.
    expect(response.usage).toMatchObject({ output_tokens: 3, total_tokens: response.usage!.input_tokens + 3 });
    expect(response.usage!.input_tokens).toBeGreaterThan(0);
  });

  test("instructions and developer messages are the system prompt", async () => {
    const response = await client.responses.create({
      model: "haiku:model",
      instructions: "Speak briefly.",
      input: [
        { role: "developer", content: "Be kind." },
        { role: "user", content: "system" },
      ],
    });
    expect(response.output_text).toBe("Speak briefly.\n\nBe kind.");
  });

  test("the conversation may come whole, in items", async () => {
    const input: ResponseInputItem[] = [
      { role: "user", content: "my first words" },
      {
        type: "message",
        role: "assistant",
        id: "msg_abc",
        status: "completed",
        content: [{ type: "output_text", text: "yes?", annotations: [] }],
      },
      { type: "reasoning", id: "rs_abc", summary: [], encrypted_content: "of another service" },
      { role: "user", content: [{ type: "input_text", text: "recall" }] },
    ];
    const response = await client.responses.create({ model: "haiku", input, store: false });
    expect(response.output_text).toBe("my first words");
  });

  test("a refusal is incomplete, by the content filter", async () => {
    expect(await ask("refuse", {}, goingOn)).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "content_filter" },
      output_text: "I must refuse this.",
    });
  });

  test("an image in the input reaches the model", async () => {
    const response = await goingOn.responses.create({
      model: "haiku",
      input: [
        {
          role: "user",
          content: [
            { type: "input_image", image_url: `data:image/png;base64,${pixel}`, detail: "auto" },
            { type: "input_text", text: "describe" },
          ],
        },
      ],
    });
    expect(response.output_text).toContain("image/png");
  });
});

describe("a stream", () => {
  test("of the package's helper ends in the whole response", async () => {
    const stream = goingOn.responses.stream({ model: "haiku", input: "echo: put together" });
    const words: string[] = [];
    stream.on("response.output_text.delta", ({ delta }) => words.push(delta));
    const final = await stream.finalResponse();
    expect(words.join("")).toBe("put together");
    expect(final).toMatchObject({ status: "completed", output_text: "put together" });
    expect(await client.responses.retrieve(final.id)).toMatchObject({
      output_text: "put together",
      output: [{ id: final.output[0]!.id! }],
    });
  });

  test("tells of each event in the API's order", async () => {
    const events = await Array.fromAsync(
      await goingOn.responses.create({
        model: "haiku",
        input: "think: order",
        stream: true,
        reasoning: { summary: "auto" },
      }),
    );
    const runs = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(runs).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.reasoning_summary_part.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_summary_text.done",
      "response.reasoning_summary_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(textOf(events)).toBe("I thought about: order");
  });

  test("a failure before the first event keeps its status, streamed or not", async () => {
    const both = [ask("fail: 429"), client.responses.create({ model: "haiku", input: "fail: 429", stream: true })];
    for (const error of await Promise.all(both.map(failureOf))) {
      expect(error.status).toBe(429);
      expect(Number(error.headers?.get("retry-after"))).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("going on from a response", () => {
  test("finds the process of the one before, and needs nothing but its id", async () => {
    const first = await ask("echo: first");
    const { data: second, response } = await client.responses
      .create({ model: "haiku", input: "turns", previous_response_id: first.id })
      .withResponse();
    expect(second).toMatchObject({ output_text: "2", previous_response_id: first.id });
    expect(response.headers.get("x-lodge-session-source")).toBe("warm");
    const third = await ask("recall", { previous_response_id: second.id });
    expect(third.output_text).toBe("echo: first");
    // The same one again: another branch.
    expect((await ask("turns", { previous_response_id: first.id })).output_text).toBe("2");
  });

  test("instructions are not inherited", async () => {
    const model = "haiku:model";
    const first = await ask("echo: x", { model, instructions: "Speak briefly." });
    const second = await ask("system", { model, previous_response_id: first.id, instructions: "Be kind." });
    expect(second).toMatchObject({ output_text: "Be kind.", instructions: "Be kind." });
    expect(await ask("turns", { model, previous_response_id: second.id })).toMatchObject({
      output_text: "3",
      instructions: null,
    });
    expect(JSON.stringify(lodge.requests.at(-1))).not.toMatch(/Speak briefly|Be kind\.",/);
  });

  test("items can be named instead of sent again", async () => {
    const first = await ask("echo: kept");
    const response = await client.responses.create({
      model: "haiku",
      input: [
        { role: "user", content: "echo: kept" },
        { type: "item_reference", id: first.output[0]!.id! },
        { role: "user", content: "turns" },
      ],
    });
    expect(response.output_text).toBe("2");
    const missing = client.responses.create({ model: "haiku", input: [{ type: "item_reference", id: "msg_nothing" }] });
    expect(await failureOf(missing)).toMatchObject({ status: 400, param: "input.0.id" });
  });

  test("thinking comes back to those who keep it themselves", async () => {
    const { output } = await ask("think: sealed", { store: false, include: ["reasoning.encrypted_content"] });
    const [reasoning, message] = output;
    expect(reasoning).toMatchObject({ type: "reasoning", summary: [] });
    expect(message).toMatchObject({ type: "message" });
    expect("encrypted_content" in reasoning! && reasoning.encrypted_content).toStartWith("lodge1.");
    const input = [{ role: "user", content: "think: sealed" }, ...output, { role: "user", content: "turns" }];
    const second = await client.responses.create({ model: "haiku", store: false, input: input as ResponseInputItem[] });
    expect(second.output_text).toBe("2");
  });

  test.each(["unknown", "deleted", "not stored"])("from one that is %s is refused", async (which) => {
    let id = "resp_nothing";
    if (which !== "unknown") ({ id } = await ask("echo: gone", { store: which !== "not stored" }, goingOn));
    if (which === "deleted") await client.responses.delete(id);
    const error = await failureOf(ask("turns", { previous_response_id: id }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: "previous_response_not_found", param: "previous_response_id" });
    expect(error.message).toContain(id);
    if (which !== "unknown") expect(await failureOf(client.responses.retrieve(id))).toBeInstanceOf(NotFoundError);
  });

  test("from one whose beginning is deleted is refused", async () => {
    const first = await ask("echo: beginning", {}, goingOn);
    const second = await ask("echo: end", { previous_response_id: first.id }, goingOn);
    await client.responses.delete(first.id);
    const error = await failureOf(ask("turns", { previous_response_id: second.id }));
    expect(error).toMatchObject({ status: 400, code: "previous_response_not_found" });
  });
});

describe("input items", () => {
  test("are all that was said before, in pages", async () => {
    const first = await ask("echo: one", {}, goingOn);
    const second = await goingOn.responses.create({
      model: "haiku",
      previous_response_id: first.id,
      input: [
        { role: "developer", content: "Note." },
        { role: "user", content: "echo: two" },
      ],
    });
    const all = async (query: { order?: "asc" | "desc"; limit?: number }) =>
      Array.fromAsync(client.responses.inputItems.list(second.id, query));
    const items = await all({ order: "asc" });
    expect(items).toMatchObject([
      { type: "message", role: "user", content: [{ type: "input_text", text: "echo: one" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "one" }], id: first.output[0]!.id! },
      { type: "message", role: "developer" },
      { type: "message", role: "user" },
    ]);
    expect(new Set(items.map((item) => item.id)).size).toBe(4);
    expect(await all({ order: "asc", limit: 1 })).toEqual(items);
    expect(await all({ limit: 3 })).toEqual(items.toReversed());
    expect(await failureOf(client.responses.inputItems.list(second.id, { limit: 101 }))).toMatchObject({
      param: "limit",
    });
  });
});

describe("in the background", () => {
  test("it is there at once, and complete when it is fetched later", async () => {
    const begun = await ask("slow: 5", { background: true });
    expect(begun).toMatchObject({ status: "queued", background: true, output: [] });
    const response = await over(begun.id);
    expect(response).toMatchObject({ id: begun.id, status: "completed", output_text: "word1 word2 word3 word4 word5" });
    expect(await client.responses.cancel(begun.id)).toMatchObject({ status: "completed" });
    const second = await ask("turns", { previous_response_id: begun.id });
    expect(second.output_text).toBe("2");
  });

  test("a stream that is left goes on, and can be taken up where it was left", async () => {
    const stream = await client.responses.create({ model: "haiku", input: "slow: 20", background: true, stream: true });
    const seen: ResponseStreamEvent[] = [];
    for await (const event of stream) {
      seen.push(event);
      if (event.type === "response.output_text.delta") break;
    }
    const { id } = (seen[0] as Extract<ResponseStreamEvent, { type: "response.created" }>).response;
    expect(seen.map(({ type }) => type).slice(0, 3)).toEqual([
      "response.created",
      "response.queued",
      "response.in_progress",
    ]);
    const last = seen.at(-1)!.sequence_number;
    const rest = await Array.fromAsync(await client.responses.retrieve(id, { stream: true, starting_after: last }));
    const all = [...seen, ...rest];
    expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, index) => index));
    expect(all.at(-1)?.type).toBe("response.completed");
    const words = Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(" ");
    expect(textOf(all)).toBe(words);
    // And again from the first, when it is over.
    const again = await Array.fromAsync(await client.responses.retrieve(id, { stream: true }));
    expect(again).toEqual(all);
    expect(await client.responses.stream({ response_id: id }).finalResponse()).toMatchObject({ output_text: words });
  });

  test("it can be cancelled, again and again, and tells those who follow it", async () => {
    const { id } = await ask("stall", { background: true });
    const following = client.responses.retrieve(id, { stream: true }).then((stream) => Array.fromAsync(stream));
    const [one, two] = await Promise.all([client.responses.cancel(id), client.responses.cancel(id)]);
    expect(one).toMatchObject({ id, status: "cancelled", output: [] });
    expect(two.status).toBe("cancelled");
    expect((await client.responses.cancel(id)).status).toBe("cancelled");
    expect((await following).at(-1)).toMatchObject({ type: "response.incomplete", response: { status: "cancelled" } });
  });

  test("a failure of the model is the response's own", async () => {
    const { id } = await ask("fail: 429", { background: true });
    const response = await over(id);
    expect(response).toMatchObject({ status: "failed", error: { code: "rate_limit_exceeded" }, output: [] });
    expect(await failureOf(ask("turns", { previous_response_id: id }))).toMatchObject({
      status: 400,
      code: "previous_response_failed",
    });
  });

  test("only such a one can be cancelled or followed", async () => {
    const { id } = await ask("echo: x", {}, goingOn);
    expect(await failureOf(client.responses.cancel(id))).toMatchObject({
      status: 400,
      code: "response_not_cancellable",
    });
    expect(await failureOf(client.responses.retrieve(id, { stream: true }))).toMatchObject({
      status: 400,
      param: "stream",
    });
    expect(await failureOf(client.responses.cancel("resp_nothing"))).toBeInstanceOf(NotFoundError);
  });

  test("what is wrong is refused at once", async () => {
    for (const [wrong, param] of [
      [{ model: "gpt-9" }, "model"],
      [{ store: false }, "background"],
    ] as const) {
      expect(await failureOf(ask("echo: x", { background: true, ...wrong }))).toMatchObject({ status: 400, param });
    }
  });

  test("going on from one that is not over is a conflict", async () => {
    const { id } = await ask("stall", { background: true });
    const error = await failureOf(ask("turns", { previous_response_id: id }));
    expect(error).toMatchObject({ status: 409, code: "previous_response_in_progress" });
    await client.responses.delete(id);
    expect(await failureOf(client.responses.retrieve(id))).toBeInstanceOf(NotFoundError);
  });
});
