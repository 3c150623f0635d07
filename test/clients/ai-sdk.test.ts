// The AI SDK with each of its providers that speak an API of this server, as they are published.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  generateObject,
  generateText,
  type LanguageModel,
  type ModelMessage,
  Output,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { z } from "zod";
import { type ClientName, proving } from "../harness/client-matrix.ts";
import { failureOf } from "../harness/failure.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { png } from "../harness/media.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const at = (apiKey = lodge.token) => ({ baseURL: `${lodge.url}/v1`, apiKey });
const providers: [ClientName, (apiKey?: string) => LanguageModel][] = [
  ["AI SDK, openai chat", (key) => createOpenAI(at(key)).chat("haiku")],
  ["AI SDK, openai responses", (key) => createOpenAI(at(key)).responses("haiku")],
  ["AI SDK, anthropic", (key) => createAnthropic(at(key))("claude-haiku-4-5")],
  [
    "AI SDK, openai-compatible",
    (key) =>
      createOpenAICompatible({ ...at(key), name: "lodge", includeUsage: true, supportsStructuredOutputs: true })(
        "haiku",
      ),
  ],
];

const add = tool({
  description: "Adds two numbers.",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  execute: async ({ a, b }) => `${a} and ${b} make ${a + b}`,
});
const person = z.object({ name: z.string(), size: z.enum(["s", "m"]) });
/** What the demo model makes of that schema, when it is told of it. */
const somebody = { name: "demo", size: "s" as const };

// Each of these is one conversation, so that it needs but one process of the CLI.
describe.each(providers)("%s", (client, modelWith) => {
  const proves = proving(client);

  proves(["text", "stream", "usage", "images", "tools", "parallel tools", "errors"], async () => {
    const always = { model: modelWith(), instructions: "Be brief." };
    const messages: ModelMessage[] = [{ role: "user", content: "system" }];
    const whole = await generateText({ ...always, messages });
    expect(whole.text).toBe("Be brief.");
    expect(whole.finishReason).toBe("stop");

    messages.push(...whole.responseMessages, { role: "user", content: "echo: one two three" });
    const streamed = streamText({ ...always, messages });
    const parts = await Array.fromAsync(streamed.textStream);
    expect(parts.join("")).toBe("one two three");
    expect(parts.length).toBeGreaterThan(1);
    expect(await streamed.finishReason).toBe("stop");
    for (const { inputTokens, outputTokens } of [whole.usage, await streamed.usage]) {
      expect(inputTokens).toBeGreaterThan(1);
      expect(outputTokens).toBeGreaterThan(1);
    }

    messages.push(...(await streamed.responseMessages), {
      role: "user",
      content: [
        { type: "text", text: "describe" },
        { type: "file", data: png, mediaType: "image/png" },
      ],
    });
    const seen = await generateText({ ...always, messages });
    expect(seen.text).toBe("image image/png 70 bytes");

    const calling = { ...always, tools: { add }, stopWhen: stepCountIs(3) };
    messages.push(...seen.responseMessages, { role: "user", content: 'tool: add {"a":1,"b":2}' });
    const one = await generateText({ ...calling, messages });
    expect(one.steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(one.steps[0]?.toolCalls).toMatchObject([{ toolName: "add", input: { a: 1, b: 2 } }]);
    expect(one.text).toBe("add -> 1 and 2 make 3");

    const two = 'tool: add {"a":1,"b":2}\ntool: add {"a":3,"b":4}';
    messages.push(...one.responseMessages, { role: "user", content: two });
    const both = streamText({ ...calling, messages });
    await both.consumeStream();
    const [called] = await both.steps;
    expect(called?.finishReason).toBe("tool-calls");
    expect(called?.toolCalls.map(({ input }) => input)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    expect(await both.text).toBe("add -> 1 and 2 make 3\nadd -> 3 and 4 make 7");

    messages.push(...(await both.responseMessages), { role: "user", content: "fail: 429" });
    const failing = (model: LanguageModel) => generateText({ ...calling, model, messages, maxRetries: 0 });
    expect(await failureOf(failing(modelWith("wrong-token")))).toMatchObject({
      name: "AI_APICallError",
      statusCode: 401,
      isRetryable: false,
    });
    expect(await failureOf(failing(modelWith()))).toMatchObject({
      name: "AI_APICallError",
      statusCode: 429,
      isRetryable: true,
      message: expect.stringContaining("rate limit"),
    });
  });

  proves("structured output", async () => {
    const model = modelWith();
    const asked: ModelMessage = { role: "user", content: "Think of somebody." };
    const streamed = streamText({ model, output: Output.object({ schema: person }), messages: [asked] });
    expect(await streamed.output).toEqual(somebody);
    expect(await streamed.text).toBe(JSON.stringify(somebody));
    // The older way, which many programs still go.
    const messages = [asked, ...(await streamed.responseMessages), asked];
    const { object, finishReason } = await generateObject({ model, schema: person, messages });
    expect({ object, finishReason }).toEqual({ object: somebody, finishReason: "stop" });
  });
});
