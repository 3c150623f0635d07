// LangChain's models with this server's address, as they are published.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { ChatAnthropic } from "@langchain/anthropic";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { type ClientName, proving } from "../harness/client-matrix.ts";
import { failureOf } from "../harness/failure.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { pixel } from "../harness/media.ts";

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

describe.each(models)("%s", (client, modelWith) => {
  const proves = proving(client);

  // One conversation, so that it needs but one process of the CLI.
  proves(["text", "stream", "usage", "images", "tools", "parallel tools", "errors"], async () => {
    const model = modelWith();
    const said: BaseMessage[] = [new SystemMessage("Be brief."), new HumanMessage("system")];
    const whole = await model.invoke(said);
    expect(whole.text).toBe("Be brief.");

    said.push(whole, new HumanMessage("echo: one two three"));
    const chunks = await Array.fromAsync(await model.stream(said));
    const texts = chunks.map(({ text }) => text).filter((text) => text !== "");
    expect(texts.join("")).toBe("one two three");
    expect(texts.length).toBeGreaterThan(1);
    const counted = [whole.usage_metadata, sumOf(chunks).usage_metadata] as (UsageMetadata | undefined)[];
    for (const usage of counted) {
      expect(usage?.input_tokens).toBeGreaterThan(1);
      expect(usage?.output_tokens).toBeGreaterThan(1);
      expect(usage?.total_tokens).toBe(usage!.input_tokens + usage!.output_tokens);
    }

    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } };
    said.push(sumOf(chunks), new HumanMessage({ content: [{ type: "text", text: "describe" }, image] }));
    const seen = await model.invoke(said);
    expect(seen.text).toBe("image image/png 70 bytes");

    const calling = model.bindTools([add]);
    said.push(seen, new HumanMessage('tool: add {"a":1,"b":2}'));
    const call = sumOf(await Array.fromAsync(await calling.stream(said)));
    expect(call.tool_calls).toMatchObject([{ name: "add", args: { a: 1, b: 2 } }]);
    said.push(call, await add.invoke({ ...call.tool_calls![0]!, type: "tool_call" }));
    const answer = await calling.invoke(said);
    expect(answer.text).toBe("add -> 1 and 2 make 3");

    said.push(answer, new HumanMessage('tool: add {"a":1,"b":2}\ntool: add {"a":3,"b":4}'));
    const both = await calling.invoke(said);
    expect(both.tool_calls?.map(({ args }) => args)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    said.push(both, ...(await Promise.all(both.tool_calls!.map((each) => add.invoke({ ...each, type: "tool_call" })))));
    const last = await calling.invoke(said);
    expect(last.text).toBe("add -> 1 and 2 make 3\nadd -> 3 and 4 make 7");

    said.push(last, new HumanMessage("fail: 429"));
    expect(await failureOf(modelWith("wrong-token").bindTools([add]).invoke(said))).toMatchObject({ status: 401 });
    expect(await failureOf(calling.invoke(said))).toMatchObject({
      status: 429,
      message: expect.stringContaining("rate limit"),
    });
  });

  proves("structured output", async () => {
    const model: BaseChatModel = modelWith();
    const structured = model.withStructuredOutput(person, { method: "jsonSchema" });
    // What the demo model makes of that schema, when it is told of it.
    expect(await structured.invoke("Think of somebody.")).toEqual({ name: "demo", age: 0 });
  });
});

/** What the chunks of a stream add up to, as LangChain adds them. */
const sumOf = (chunks: AIMessageChunk[]): AIMessageChunk =>
  chunks.slice(1).reduce((sum, chunk) => sum.concat(chunk), chunks[0]!);
