// LangChain's models with this server's address, as they are published.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { ChatAnthropic } from "@langchain/anthropic";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type AIMessageChunk, HumanMessage, SystemMessage, type UsageMetadata } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { type ClientName, proving } from "../harness/client-matrix.ts";
import { failureOf } from "../harness/failure.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const openai = (apiKey: string, useResponsesApi: boolean) =>
  new ChatOpenAI({
    model: "haiku",
    apiKey,
    useResponsesApi,
    maxRetries: 0,
    configuration: { baseURL: `${lodge.url}/v1` },
  });
const models: [ClientName, (apiKey?: string) => ChatOpenAI | ChatAnthropic][] = [
  ["LangChain, ChatOpenAI", (key = lodge.token) => openai(key, false)],
  ["LangChain, ChatOpenAI responses", (key = lodge.token) => openai(key, true)],
  [
    "LangChain, ChatAnthropic",
    (key = lodge.token) =>
      new ChatAnthropic({ model: "haiku", apiKey: key, maxRetries: 0, anthropicApiUrl: lodge.url }),
  ],
];

const add = tool(({ a, b }: { a: number; b: number }) => `${a} and ${b} make ${a + b}`, {
  name: "add",
  description: "Adds two numbers.",
  schema: z.object({ a: z.number(), b: z.number() }),
});
const person = z.object({ name: z.string(), age: z.number() });
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe.each(models)("%s", (client, modelWith) => {
  const proves = proving(client);

  proves(["text", "stream", "usage"], async () => {
    const model = modelWith();
    const asked = [new SystemMessage("Be brief."), new HumanMessage("system")];
    const whole = await model.invoke(asked);
    expect(whole.text).toBe("Be brief.");
    const chunks = await Array.fromAsync(
      await model.stream([...asked, whole, new HumanMessage("echo: one two three")]),
    );
    const texts = chunks.map(({ text }) => text).filter((text) => text !== "");
    expect(texts.join("")).toBe("one two three");
    expect(texts.length).toBeGreaterThan(1);
    const counted = [whole.usage_metadata, sumOf(chunks).usage_metadata] as (UsageMetadata | undefined)[];
    for (const usage of counted) {
      expect(usage?.input_tokens).toBeGreaterThan(1);
      expect(usage?.output_tokens).toBeGreaterThan(1);
      expect(usage?.total_tokens).toBe(usage!.input_tokens + usage!.output_tokens);
    }
  });

  proves("tools", async () => {
    const calling = modelWith().bindTools([add]);
    const asked = new HumanMessage('tool: add {"a":1,"b":2}');
    const call = sumOf(await Array.fromAsync(await calling.stream([asked])));
    expect(call.tool_calls).toMatchObject([{ name: "add", args: { a: 1, b: 2 } }]);
    const result = await add.invoke({ ...call.tool_calls![0]!, type: "tool_call" });
    const answer = await calling.invoke([asked, call, result]);
    expect(answer.text).toBe("add -> 1 and 2 make 3");
  });

  proves("parallel tools", async () => {
    const calling = modelWith().bindTools([add]);
    const asked = new HumanMessage('tool: add {"a":1,"b":2}\ntool: add {"a":3,"b":4}');
    const call = await calling.invoke([asked]);
    expect(call.tool_calls?.map(({ args }) => args)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    const results = await Promise.all(call.tool_calls!.map((each) => add.invoke({ ...each, type: "tool_call" })));
    const answer = await calling.invoke([asked, call, ...results]);
    expect(answer.text).toBe("add -> 1 and 2 make 3\nadd -> 3 and 4 make 7");
  });

  proves("structured output", async () => {
    const model: BaseChatModel = modelWith();
    const structured = model.withStructuredOutput(person, { method: "jsonSchema" });
    // What the demo model makes of that schema, when it is told of it.
    expect(await structured.invoke("Think of somebody.")).toEqual({ name: "demo", age: 0 });
  });

  proves("images", async () => {
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } };
    const answer = await modelWith().invoke([
      new HumanMessage({ content: [{ type: "text", text: "describe" }, image] }),
    ]);
    expect(answer.text).toBe("image image/png 70 bytes");
  });

  proves("errors", async () => {
    expect(await failureOf(modelWith("wrong-token").invoke("hi"))).toMatchObject({ status: 401 });
    expect(await failureOf(modelWith().invoke("fail: 429"))).toMatchObject({
      status: 429,
      message: expect.stringContaining("rate limit"),
    });
  });
});

/** What the chunks of a stream add up to, as LangChain adds them. */
const sumOf = (chunks: AIMessageChunk[]): AIMessageChunk =>
  chunks.slice(1).reduce((sum, chunk) => sum.concat(chunk), chunks[0]!);
