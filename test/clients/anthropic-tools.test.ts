// Tools over Messages with the `@anthropic-ai/sdk` package as it is: its own runner, and a loop of one's own over streams.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { betaMemoryTool } from "@anthropic-ai/sdk/helpers/beta/memory";
import type { MessageParam, ToolResultBlockParam } from "@anthropic-ai/sdk/resources/messages";
import { generateText, stepCountIs } from "ai";
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

test("the package's memory tool, which sends no schema, is run by its tool runner", async () => {
  const files = new Map<string, string>();
  const none = () => Promise.reject(new Error("nobody asked for that"));
  const memory = betaMemoryTool({
    create: async ({ path, file_text }) => {
      files.set(path, file_text);
      return "made";
    },
    view: async ({ path }) => files.get(path) ?? "",
    str_replace: none,
    insert: none,
    delete: none,
    rename: none,
  });
  const file = { path: "/memories/a.md", file_text: "remember" };
  const made = `tool: memory ${JSON.stringify({ command: "create", ...file })}`;
  const seen = `tool: memory ${JSON.stringify({ command: "view", path: file.path })}`;
  const final = await client.beta.messages.toolRunner({
    model: "haiku",
    max_tokens: 1024,
    messages: [{ role: "user", content: `${made}\n${seen}` }],
    tools: [memory],
  });
  expect(final.content).toMatchObject([{ type: "text", text: "memory -> made\nmemory -> remember" }]);
});

test("the AI SDK's bash and text editor, which send none either, with the schemas that the API gives them", async () => {
  const provider = createAnthropic({ baseURL: `${lodge.url}/v1`, apiKey: lodge.token });
  const { text } = await generateText({
    model: provider("haiku:model"),
    tools: {
      bash: provider.tools.bash_20250124({ execute: async ({ command }) => `ran ${command}` }),
      str_replace_based_edit_tool: provider.tools.textEditor_20250728({
        maxCharacters: 5000,
        execute: async ({ command, path, insert_text: inserted }) => `${command} ${path} ${inserted ?? ""}`,
      }),
      str_replace_editor: provider.tools.textEditor_20250124({ execute: async ({ command }) => command }),
    },
    stopWhen: stepCountIs(3),
    prompt: [
      'tool: bash {"command":"ls"}',
      'tool: str_replace_based_edit_tool {"command":"insert","path":"/a","insert_line":1,"insert_text":"b"}',
      'tool: str_replace_editor {"command":"undo_edit","path":"/a"}',
    ].join("\n"),
  });
  expect(text).toBe("bash -> ran ls\nstr_replace_based_edit_tool -> insert /a b\nstr_replace_editor -> undo_edit");
  const offered = lodge.requests.at(-1)!.tools.map(({ name, description, input_schema: taken }) => ({
    name,
    description,
    properties: Object.keys((taken as { properties: object }).properties),
  }));
  expect(offered).toMatchObject([
    { name: "mcp__client__bash", properties: ["command", "restart"] },
    {
      name: "mcp__client__str_replace_based_edit_tool",
      description: expect.stringContaining("at most 5000 characters"),
      properties: expect.arrayContaining(["view_range", "insert_text"]),
    },
    { name: "mcp__client__str_replace_editor", description: expect.stringContaining("undo_edit takes back") },
  ]);
});
