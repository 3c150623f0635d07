// Tools over Messages with the `@anthropic-ai/sdk` package as it is: its own runner, and a loop of one's own over streams.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam, ToolResultBlockParam } from "@anthropic-ai/sdk/resources/messages";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let client: Anthropic;
beforeAll(async () => {
  lodge = await startTestLodge();
  client = new Anthropic({ baseURL: lodge.url, apiKey: lodge.token, authToken: null, maxRetries: 0 });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const prompt = 'tool: weather {"city":"Oslo"}\ntool: time {}';
const names = ["weather", "time"];
const schema = { type: "object" as const, properties: { city: { type: "string" } } };

test("the tool runner runs the calls and ends with the answer", async () => {
  const made: string[] = [];
  const runner = client.beta.messages.toolRunner({
    model: "haiku",
    max_tokens: 1024,
    messages: [{ role: "user", content: prompt }],
    tools: names.map((name) => ({
      type: "custom" as const,
      name,
      description: `The tool ${name}.`,
      input_schema: schema,
      parse: (content: unknown) => content as { city?: string },
      run: ({ city }: { city?: string }) => {
        made.push(`${name} ${city ?? "-"}`);
        return `${name} it is`;
      },
    })),
  });
  const final = await runner;
  expect(final.content).toMatchObject([{ type: "text", text: "weather -> weather it is\ntime -> time it is" }]);
  expect(made.toSorted()).toEqual(["time -", "weather Oslo"]);
});

test("a loop over streams: inputs in pieces, the next turn warm", async () => {
  const tools = names.map((name) => ({ name, input_schema: schema }));
  const messages: MessageParam[] = [{ role: "user", content: prompt }];
  const stream = client.messages.stream({ model: "haiku", max_tokens: 1024, messages, tools });
  const pieces: string[] = [];
  stream.on("inputJson", (piece) => pieces.push(piece));
  const first = await stream.finalMessage();
  expect(first.stop_reason).toBe("tool_use");
  expect(pieces.join("")).toContain("Oslo");
  const results: ToolResultBlockParam[] = first.content.flatMap((block) =>
    block.type === "tool_use" ? [{ type: "tool_result", tool_use_id: block.id, content: `from ${block.name}` }] : [],
  );
  messages.push({ role: "assistant", content: first.content }, { role: "user", content: results });
  const next = client.messages.stream({ model: "haiku", max_tokens: 1024, messages, tools });
  const { response } = await next.withResponse();
  expect(response.headers.get("x-lodge-session-source")).toBe("warm");
  const second = await next.finalMessage();
  expect(second.content).toMatchObject([{ type: "text", text: "weather -> from weather\ntime -> from time" }]);
});
