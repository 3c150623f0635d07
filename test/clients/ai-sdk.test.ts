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
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe.each(providers)("%s", (client, modelWith) => {
  const proves = proving(client);

  proves(["text", "stream", "usage"], async () => {
    const model = modelWith();
    const asked: ModelMessage = { role: "user", content: "system" };
    const whole = await generateText({ model, instructions: "Be brief.", messages: [asked] });
    expect(whole.text).toBe("Be brief.");
    expect(whole.finishReason).toBe("stop");
    const messages: ModelMessage[] = [
      asked,
      ...whole.responseMessages,
      { role: "user", content: "echo: one two three" },
    ];
    const streamed = streamText({ model, instructions: "Be brief.", messages });
    const parts = await Array.fromAsync(streamed.textStream);
    expect(parts.join("")).toBe("one two three");
    expect(parts.length).toBeGreaterThan(1);
    expect(await streamed.finishReason).toBe("stop");
    for (const { inputTokens, outputTokens } of [whole.usage, await streamed.usage]) {
      expect(inputTokens).toBeGreaterThan(1);
      expect(outputTokens).toBeGreaterThan(1);
    }
  });

  proves("tools", async () => {
    const { steps, text } = await generateText({
      model: modelWith(),
      tools: { add },
      stopWhen: stepCountIs(3),
      prompt: 'tool: add {"a":1,"b":2}',
    });
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(steps[0]?.toolCalls).toMatchObject([{ toolName: "add", input: { a: 1, b: 2 } }]);
    expect(text).toBe("add -> 1 and 2 make 3");
  });

  proves("parallel tools", async () => {
    const streamed = streamText({
      model: modelWith(),
      tools: { add },
      stopWhen: stepCountIs(3),
      prompt: 'tool: add {"a":1,"b":2}\ntool: add {"a":3,"b":4}',
    });
    await streamed.consumeStream();
    const [called] = await streamed.steps;
    expect(called?.finishReason).toBe("tool-calls");
    expect(called?.toolCalls.map(({ input }) => input)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    expect(await streamed.text).toBe("add -> 1 and 2 make 3\nadd -> 3 and 4 make 7");
  });

  proves("structured output", async () => {
    const prompt = "Think of somebody.";
    const streamed = streamText({ model: modelWith(), output: Output.object({ schema: person }), prompt });
    expect(await streamed.output).toEqual(somebody);
    expect(await streamed.text).toBe(JSON.stringify(somebody));
    // The older way, which many programs still go.
    const { object, finishReason } = await generateObject({ model: modelWith(), schema: person, prompt });
    expect({ object, finishReason }).toEqual({ object: somebody, finishReason: "stop" });
  });

  proves("images", async () => {
    const { text } = await generateText({
      model: modelWith(),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "describe" },
            { type: "file", data: pixel, mediaType: "image/png" },
          ],
        },
      ],
    });
    expect(text).toBe("image image/png 70 bytes");
  });

  proves("errors", async () => {
    const failing = (model: LanguageModel, prompt: string) => generateText({ model, prompt, maxRetries: 0 });
    expect(await failureOf(failing(modelWith("wrong-token"), "hi"))).toMatchObject({
      name: "AI_APICallError",
      statusCode: 401,
      isRetryable: false,
    });
    expect(await failureOf(failing(modelWith(), "fail: 429"))).toMatchObject({
      name: "AI_APICallError",
      statusCode: 429,
      isRetryable: true,
      message: expect.stringContaining("rate limit"),
    });
  });
});
