// Replies that end before the model does: at `max_tokens`, and at stop sequences. Through the real packages.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic, { BadRequestError } from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import OpenAI from "openai";
import type { ChatCompletionMessageParam } from "openai/resources";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let anthropic: Anthropic;
let openai: OpenAI;

beforeAll(async () => {
  lodge = await startTestLodge();
  anthropic = new Anthropic({ baseURL: lodge.url, apiKey: lodge.token, authToken: null, maxRetries: 0 });
  openai = new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey: lodge.token, maxRetries: 0 });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const user = (content: string) => ({ role: "user" as const, content });
const asked = (content: string) => ({ model: "haiku", max_tokens: 1024, messages: [user(content)] });

describe("Messages", () => {
  test("end before a stop sequence, which is named", async () => {
    const message = await anthropic.messages.create({ ...asked("echo: one END two"), stop_sequences: ["two", "END"] });
    expect(message).toMatchObject({
      content: [{ type: "text", text: "one " }],
      stop_reason: "stop_sequence",
      stop_sequence: "END",
    });
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
  });

  test("end at max_tokens, in a stream too", async () => {
    const stream = anthropic.messages.stream({ ...asked("echo: 123456789"), max_tokens: 2 });
    const message = await stream.finalMessage();
    expect(message).toMatchObject({
      content: [{ type: "text", text: "12345678" }],
      stop_reason: "max_tokens",
      stop_sequence: null,
    });
  });

  test("are whole, and their session stays warm, where nothing is to be cut", async () => {
    const messages: MessageParam[] = [user("echo: whole")];
    const request = { model: "haiku", max_tokens: 100, stop_sequences: ["nowhere"] };
    const first = await anthropic.messages.create({ ...request, messages });
    expect(first).toMatchObject({ content: [{ text: "whole" }], stop_reason: "end_turn", stop_sequence: null });
    messages.push({ role: "assistant", content: first.content }, user("turns"));
    const { data, response } = await anthropic.messages.create({ ...request, messages }).withResponse();
    expect(data.content).toMatchObject([{ text: "2" }]);
    expect(response.headers.get("x-lodge-session-source")).toBe("warm");
  });

  test("an empty stop sequence is refused by name", async () => {
    const call = anthropic.messages.create({ ...asked("echo: x"), stop_sequences: ["a", ""] });
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as Error).message).toContain("stop_sequences.1");
  });
});

describe("Chat Completions", () => {
  test("end before a stop sequence, also a streamed one", async () => {
    const request = { model: "haiku", messages: [user("echo: one END two")], stop: "END" };
    const { choices } = await openai.chat.completions.create(request);
    expect(choices[0]).toMatchObject({ message: { content: "one " }, finish_reason: "stop" });
    const streamed = await openai.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]).toMatchObject({ message: { content: "one " }, finish_reason: "stop" });
  });

  test.each(["max_tokens", "max_completion_tokens"])("end at %s", async (name) => {
    const { data, response } = await openai.chat.completions
      .create({ model: "haiku", messages: [user("echo: 123456789")], [name]: 2 })
      .withResponse();
    expect(data.choices[0]).toMatchObject({ message: { content: "12345678" }, finish_reason: "length" });
    expect(response.headers.get("x-lodge-ignored")).toBeNull();
  });

  test.each([
    [{ stop: "" }, "stop"],
    [{ stop: ["a", "b", "c", "d", "e"] }, "stop"],
    [{ max_completion_tokens: 0 }, "max_completion_tokens"],
  ])("%j is refused by name", async (wrong, field) => {
    const call = openai.chat.completions.create({ model: "haiku", messages: [user("echo: x")], ...wrong });
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect((error as InstanceType<typeof OpenAI.BadRequestError>).param).toStartWith(field);
  });

  test("what was cut off is not part of the conversation that goes on", async () => {
    const messages: ChatCompletionMessageParam[] = [user("echo: seen END secret")];
    const complete = (more: object = {}) =>
      openai.chat.completions.create({ model: "haiku", messages, ...more }).withResponse();
    const first = await complete({ stop: ["END"] });
    messages.push(first.data.choices[0]!.message, user("turns"));
    const second = await complete();
    expect(second.data.choices[0]?.message.content).toBe("2");
    expect(second.response.headers.get("x-claude-session")).not.toBe(first.response.headers.get("x-claude-session"));
    const sent = lodge.requests.findLast(({ messages: all }) => JSON.stringify(all).includes('"turns"'));
    const answers = sent?.messages.filter(({ role }) => role === "assistant");
    expect(JSON.stringify(answers)).toContain("seen ");
    expect(JSON.stringify(answers)).not.toContain("secret");
    messages.push(second.data.choices[0]!.message, user("turns"));
    const third = await complete();
    expect(third.data.choices[0]?.message.content).toBe("3");
    expect(third.response.headers.get("x-lodge-session-source")).toBe("warm");
  });
});
