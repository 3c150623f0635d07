// The official packages, feature by feature; the fine points of each are in files of their own.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import type { RunnableToolFunctionWithParse } from "openai/lib/RunnableFunction";
import { z } from "zod";
import { proving } from "../harness/client-matrix.ts";
import { failureOf } from "../harness/failure.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const numbers = { a: { type: "number" }, b: { type: "number" } } as const;
const parameters = {
  type: "object" as const,
  properties: numbers,
  required: ["a", "b"],
  additionalProperties: false as const,
};
type Pair = { a: number; b: number };
const sum = ({ a, b }: Pair) => `${a} and ${b} make ${a + b}`;
const parse = (input: string) => JSON.parse(input) as Pair;
const two = 'tool: add {"a":1,"b":2}\ntool: add {"a":3,"b":4}';
const twoSums = "add -> 1 and 2 make 3\nadd -> 3 and 4 make 7";
const person = z.object({ name: z.string(), size: z.enum(["s", "m"]) });
/** What the demo model makes of that schema, when it is told of it. */
const somebody = { name: "demo", size: "s" as const };
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const described = "image image/png 70 bytes";
const openai = (apiKey = lodge.token) => new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey, maxRetries: 0 });

describe("openai", () => {
  const proves = proving("openai");
  const ask = (content: string) => ({ model: "haiku", messages: [{ role: "user" as const, content }] });

  proves(["text", "stream", "usage"], async () => {
    const whole = await openai().chat.completions.create(ask("echo: one two three"));
    expect(whole.choices[0]?.message.content).toBe("one two three");
    const runner = openai().chat.completions.stream({
      ...ask("echo: one two three"),
      stream_options: { include_usage: true },
    });
    let streamed = "";
    runner.on("content", (delta) => (streamed += delta));
    expect(await runner.totalUsage()).toMatchObject(whole.usage!);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(1);
    expect(streamed).toBe("one two three");
  });

  proves(["tools", "parallel tools"], async () => {
    const add: RunnableToolFunctionWithParse<Pair> = {
      type: "function",
      function: { name: "add", description: "Adds.", parameters, parse, function: sum },
    };
    const runner = openai().chat.completions.runTools({
      ...ask(two),
      stream: true,
      tools: [add],
    });
    expect(await runner.finalContent()).toBe(twoSums);
  });

  proves("structured output", async () => {
    const request = { ...ask("Think of somebody."), response_format: zodResponseFormat(person, "person") };
    const [choice] = (await openai().chat.completions.parse(request)).choices;
    expect(choice?.message.parsed).toEqual(somebody);
    const runner = openai().chat.completions.stream(request);
    expect((await runner.finalChatCompletion()).choices[0]?.message.parsed).toEqual(somebody);
  });

  proves("images", async () => {
    const url = `data:image/png;base64,${pixel}`;
    const reply = await openai().chat.completions.create({
      model: "haiku",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "describe" },
            { type: "image_url", image_url: { url } },
          ],
        },
      ],
    });
    expect(reply.choices[0]?.message.content).toBe(described);
  });

  proves("errors", async () => {
    const wrong = openai("wrong-token").chat.completions.create(ask("hi"));
    expect(await failureOf(wrong)).toBeInstanceOf(OpenAI.AuthenticationError);
    const limited = openai().chat.completions.create(ask("fail: 429"));
    expect(await failureOf(limited)).toBeInstanceOf(OpenAI.RateLimitError);
  });

  proves("models", async () => {
    const models = await Array.fromAsync(openai().models.list());
    expect(models.map(({ id }) => id)).toContain("haiku");
  });
});

describe("openai, responses", () => {
  const proves = proving("openai, responses");

  proves(["text", "stream", "usage"], async () => {
    const stream = openai().responses.stream({ model: "haiku", input: "echo: one two three" });
    let said = "";
    stream.on("response.output_text.delta", ({ delta }) => (said += delta));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe("one two three");
    expect(said).toBe("one two three");
    expect(final.usage?.output_tokens).toBeGreaterThan(1);
  });

  proves(["tools", "parallel tools"], async () => {
    const tools = [{ type: "function" as const, name: "add", parameters, strict: true }];
    const first = await openai().responses.create({ model: "haiku", tools, input: two });
    const outputs = first.output.flatMap((item) =>
      item.type === "function_call"
        ? [
            {
              type: "function_call_output" as const,
              call_id: item.call_id,
              output: sum(parse(item.arguments)),
            },
          ]
        : [],
    );
    expect(outputs).toHaveLength(2);
    const second = await openai().responses.create({
      model: "haiku",
      tools,
      previous_response_id: first.id,
      input: outputs,
    });
    expect(second.output_text).toBe(twoSums);
  });

  proves("structured output", async () => {
    const request = { model: "haiku", input: "Think of somebody.", text: { format: zodTextFormat(person, "person") } };
    expect((await openai().responses.parse(request)).output_parsed).toEqual(somebody);
    const final = await openai().responses.stream(request).finalResponse();
    expect(final.output_parsed).toEqual(somebody);
  });

  proves("images", async () => {
    const image_url = `data:image/png;base64,${pixel}`;
    const { output_text: said } = await openai().responses.create({
      model: "haiku",
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "describe" },
            { type: "input_image", detail: "auto", image_url },
          ],
        },
      ],
    });
    expect(said).toBe(described);
  });

  proves("errors", async () => {
    const wrong = openai("wrong-token").responses.create({ model: "haiku", input: "hi" });
    expect(await failureOf(wrong)).toBeInstanceOf(OpenAI.AuthenticationError);
    const limited = openai().responses.create({ model: "haiku", input: "fail: 429" });
    expect(await failureOf(limited)).toBeInstanceOf(OpenAI.RateLimitError);
  });
});

describe("@anthropic-ai/sdk", () => {
  const proves = proving("@anthropic-ai/sdk");
  const anthropic = (apiKey = lodge.token) => new Anthropic({ baseURL: lodge.url, apiKey, maxRetries: 0 });
  const ask = (content: string | Anthropic.ContentBlockParam[]) => ({
    model: "haiku",
    max_tokens: 1000,
    messages: [{ role: "user" as const, content }],
  });

  proves(["text", "stream", "usage"], async () => {
    const stream = anthropic().messages.stream(ask("echo: one two three"));
    let said = "";
    stream.on("text", (delta) => (said += delta));
    const final = await stream.finalMessage();
    expect(final.content).toMatchObject([{ type: "text", text: "one two three" }]);
    expect(said).toBe("one two three");
    expect(final.usage.output_tokens).toBeGreaterThan(1);
    expect(final.usage.input_tokens).toBeGreaterThan(1);
  });

  proves(["tools", "parallel tools"], async () => {
    const add = betaTool({ name: "add", description: "Adds.", inputSchema: parameters, run: sum });
    const final = await anthropic().beta.messages.toolRunner({ ...ask(two), tools: [add] });
    expect(final.content).toMatchObject([{ type: "text", text: twoSums }]);
  });

  proves("structured output", async () => {
    const request = { ...ask("Think of somebody."), output_config: { format: zodOutputFormat(person) } };
    expect((await anthropic().messages.parse(request)).parsed_output).toEqual(somebody);
    const final = await anthropic().messages.stream(request).finalMessage();
    expect(final.parsed_output).toEqual(somebody);
  });

  proves("images", async () => {
    const source = { type: "base64" as const, media_type: "image/png" as const, data: pixel };
    const { content } = await anthropic().messages.create(
      ask([
        { type: "text", text: "describe" },
        { type: "image", source },
      ]),
    );
    expect(content).toMatchObject([{ type: "text", text: described }]);
  });

  proves("errors", async () => {
    const wrong = anthropic("wrong-token").messages.create(ask("hi"));
    expect(await failureOf(wrong)).toBeInstanceOf(Anthropic.AuthenticationError);
    const limited = anthropic().messages.create(ask("fail: 429"));
    expect(await failureOf(limited)).toBeInstanceOf(Anthropic.RateLimitError);
  });

  proves("models", async () => {
    const models = await Array.fromAsync(anthropic().models.list());
    expect(models.map(({ id }) => id)).toContain("haiku");
    expect(await anthropic().models.retrieve("haiku")).toMatchObject({ type: "model", id: "haiku" });
  });
});
