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
import { pixel } from "../harness/media.ts";

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
const described = "image image/png 70 bytes";
const openai = (apiKey = lodge.token) => new OpenAI({ baseURL: `${lodge.url}/v1`, apiKey, maxRetries: 0 });

// Each but the models' is one conversation, so that it needs but one process of the CLI.
describe("openai", () => {
  const proves = proving("openai");
  type Messages = OpenAI.ChatCompletionMessageParam[];
  const user = (content: string) => ({ role: "user" as const, content });

  proves(["text", "stream", "usage", "images", "tools", "parallel tools", "errors"], async () => {
    const { completions } = openai().chat;
    const model = "haiku";
    const messages: Messages = [user("echo: one two three")];
    const whole = await completions.create({ model, messages });
    expect(whole.choices[0]?.message.content).toBe("one two three");
    expect(whole.usage?.completion_tokens).toBeGreaterThan(1);

    messages.push(whole.choices[0]!.message, user("echo: one two three"));
    const runner = completions.stream({ model, messages, stream_options: { include_usage: true } });
    let streamed = "";
    runner.on("content", (delta) => (streamed += delta));
    const { prompt_tokens: prompt, completion_tokens: completion } = await runner.totalUsage();
    expect(prompt).toBeGreaterThan(1);
    expect(completion).toBe(whole.usage!.completion_tokens);
    expect(streamed).toBe("one two three");

    const url = `data:image/png;base64,${pixel}`;
    messages.push(await runner.finalMessage(), {
      role: "user",
      content: [
        { type: "text", text: "describe" },
        { type: "image_url", image_url: { url } },
      ],
    });
    const seen = await completions.create({ model, messages });
    expect(seen.choices[0]?.message.content).toBe(described);

    const add: RunnableToolFunctionWithParse<Pair> = {
      type: "function",
      function: { name: "add", description: "Adds.", parameters, parse, function: sum },
    };
    messages.push(seen.choices[0]!.message, user(two));
    const calling = completions.runTools({ model, messages, stream: true, tools: [add] });
    expect(await calling.finalContent()).toBe(twoSums);

    const failing = { model, messages: [...calling.messages, user("fail: 429")] };
    expect(await failureOf(openai("wrong-token").chat.completions.create(failing))).toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    expect(await failureOf(completions.create(failing))).toBeInstanceOf(OpenAI.RateLimitError);
  });

  proves("structured output", async () => {
    const { completions } = openai().chat;
    const request = { model: "haiku", response_format: zodResponseFormat(person, "person") };
    const asked = user("Think of somebody.");
    const [choice] = (await completions.parse({ ...request, messages: [asked] })).choices;
    expect(choice?.message.parsed).toEqual(somebody);
    const { role, content } = choice!.message;
    const runner = completions.stream({ ...request, messages: [asked, { role, content }, asked] });
    expect((await runner.finalChatCompletion()).choices[0]?.message.parsed).toEqual(somebody);
  });

  proves("models", async () => {
    const models = await Array.fromAsync(openai().models.list());
    expect(models.map(({ id }) => id)).toContain("haiku");
  });
});

describe("openai, responses", () => {
  const proves = proving("openai, responses");
  const model = "haiku";

  proves(["text", "stream", "usage", "images", "tools", "parallel tools", "errors"], async () => {
    const { responses } = openai();
    const stream = responses.stream({ model, input: "echo: one two three" });
    let said = "";
    stream.on("response.output_text.delta", ({ delta }) => (said += delta));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe("one two three");
    expect(said).toBe("one two three");
    expect(final.usage?.output_tokens).toBeGreaterThan(1);

    const image_url = `data:image/png;base64,${pixel}`;
    const seen = await responses.create({
      model,
      previous_response_id: final.id,
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
    expect(seen.output_text).toBe(described);

    const tools = [{ type: "function" as const, name: "add", parameters, strict: true }];
    const first = await responses.create({ model, tools, previous_response_id: seen.id, input: two });
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
    const second = await responses.create({ model, tools, previous_response_id: first.id, input: outputs });
    expect(second.output_text).toBe(twoSums);

    const failing = { model, tools, previous_response_id: second.id, input: "fail: 429" };
    expect(await failureOf(openai("wrong-token").responses.create(failing))).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(await failureOf(responses.create(failing))).toBeInstanceOf(OpenAI.RateLimitError);
  });

  proves("structured output", async () => {
    const request = { model, input: "Think of somebody.", text: { format: zodTextFormat(person, "person") } };
    const whole = await openai().responses.parse(request);
    expect(whole.output_parsed).toEqual(somebody);
    const stream = openai().responses.stream({ ...request, previous_response_id: whole.id });
    expect((await stream.finalResponse()).output_parsed).toEqual(somebody);
  });
});

describe("@anthropic-ai/sdk", () => {
  const proves = proving("@anthropic-ai/sdk");
  const anthropic = (apiKey = lodge.token) => new Anthropic({ baseURL: lodge.url, apiKey, maxRetries: 0 });
  const always = { model: "haiku", max_tokens: 1000 };
  const user = (content: string | Anthropic.ContentBlockParam[]) => ({ role: "user" as const, content });

  proves(["text", "stream", "usage", "images", "tools", "parallel tools", "errors"], async () => {
    const messages: Anthropic.MessageParam[] = [user("echo: one two three")];
    const stream = anthropic().messages.stream({ ...always, messages });
    let said = "";
    stream.on("text", (delta) => (said += delta));
    const final = await stream.finalMessage();
    expect(final.content).toMatchObject([{ type: "text", text: "one two three" }]);
    expect(said).toBe("one two three");
    expect(final.usage.output_tokens).toBeGreaterThan(1);
    expect(final.usage.input_tokens).toBeGreaterThan(1);

    const source = { type: "base64" as const, media_type: "image/png" as const, data: pixel };
    const shown = user([
      { type: "text", text: "describe" },
      { type: "image", source },
    ]);
    messages.push(final, shown);
    const seen = await anthropic().messages.create({ ...always, messages });
    expect(seen.content).toMatchObject([{ type: "text", text: described }]);

    const add = betaTool({ name: "add", description: "Adds.", inputSchema: parameters, run: sum });
    const asked = [...messages, seen, user(two)] as Anthropic.Beta.BetaMessageParam[];
    const runner = anthropic().beta.messages.toolRunner({ ...always, messages: asked, tools: [add] });
    const last = await runner;
    expect(last.content).toMatchObject([{ type: "text", text: twoSums }]);

    const failing = { ...always, messages: [...runner.params.messages, user("fail: 429")] };
    expect(await failureOf(anthropic("wrong-token").beta.messages.create(failing))).toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
    expect(await failureOf(anthropic().beta.messages.create(failing))).toBeInstanceOf(Anthropic.RateLimitError);
  });

  proves("structured output", async () => {
    const asked = user("Think of somebody.");
    const request = { ...always, output_config: { format: zodOutputFormat(person) } };
    const whole = await anthropic().messages.parse({ ...request, messages: [asked] });
    expect(whole.parsed_output).toEqual(somebody);
    const { role, content } = whole;
    const stream = anthropic().messages.stream({ ...request, messages: [asked, { role, content }, asked] });
    expect((await stream.finalMessage()).parsed_output).toEqual(somebody);
  });

  proves("models", async () => {
    const models = await Array.fromAsync(anthropic().models.list());
    expect(models.map(({ id }) => id)).toContain("haiku");
    expect(await anthropic().models.retrieve("haiku")).toMatchObject({ type: "model", id: "haiku" });
  });
});
