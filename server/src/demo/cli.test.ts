import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createSdkMcpServer,
  query,
  tool,
  type Options,
  type SDKResultMessage,
  type SDKUserMessage,
} from "@anthropic-ai/claude-agent-sdk";
import { z } from "zod";
import { startDemoModel, type DemoModel, type DemoRequest } from "./index.ts";

// The real CLI against the demo model: what unit tests take for granted about the CLI's requests is looked at here.

setDefaultTimeout(60_000);

let root: string;
let model: DemoModel;
const requests: DemoRequest[] = [];

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "demo-model-")));
  await Promise.all(["home", "config", "work"].map((folder) => mkdir(join(root, folder))));
  model = await startDemoModel({ onRequest: (request) => requests.push(request) });
});

afterAll(async () => {
  await model.stop();
  await rm(root, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: join(root, "home"),
    TMPDIR: root,
    CLAUDE_CONFIG_DIR: join(root, "config"),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: model.apiKey,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_MAX_RETRIES: "0",
    DISABLE_AUTOUPDATER: "1",
    IS_SANDBOX: "1",
  };
}

type Content = SDKUserMessage["message"]["content"];

/** One live CLI, one prompt after the other, until it has given as many results as are expected. */
async function talk(
  prompts: readonly Content[],
  options: Options = {},
  expected = prompts.length,
): Promise<SDKResultMessage[]> {
  const results: SDKResultMessage[] = [];
  let answered = Promise.withResolvers<void>();
  async function* input(): AsyncGenerator<SDKUserMessage> {
    for (const content of prompts) {
      yield { type: "user", message: { role: "user", content }, parent_tool_use_id: null };
      await answered.promise;
    }
    while (results.length < expected) await answered.promise;
  }
  const session = query({
    prompt: input(),
    options: {
      cwd: join(root, "work"),
      env: environment(),
      settingSources: [],
      permissionMode: "bypassPermissions",
      allowDangerouslySkipPermissions: true,
      ...options,
    },
  });
  for await (const event of session) {
    if (event.type !== "result") continue;
    results.push(event);
    const before = answered;
    answered = Promise.withResolvers();
    before.resolve();
  }
  return results;
}

const texts = (results: readonly SDKResultMessage[]): string[] =>
  results.map((result) => (result.subtype === "success" ? result.result : result.subtype));

const modelOnly: Options = { tools: [], systemPrompt: "Be the demo." };

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("a conversation of many turns, with failures and a refusal in it", async () => {
  const picture: Content = [
    { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
    { type: "text", text: "describe" },
  ];
  const prompts = ["hello", "fail: 529", "turns", "refuse", "recall", "system", picture, "echo: a\n  b", "turns"];
  const results = await talk(prompts, modelOnly);
  const answers = texts(results);
  expect(answers[0]).toBe("Turn 1. You said: hello");
  expect(answers[1]).toContain("529");
  expect(answers[2]).toBe("3");
  expect(results[3]).toMatchObject({ is_error: true, stop_reason: "refusal" });
  expect(answers.slice(4)).toEqual(["hello", "Be the demo.", "image image/png 70 bytes", "a\n  b", "9"]);
});

test.each(["haiku", "sonnet", "opus"])("%s is a model that the demo lists", async (name) => {
  await talk(["hello"], { ...modelOnly, model: name });
  const sent = requests.at(-1)?.model;
  expect(sent).toContain(name);
  expect((await fetch(`${model.url}/v1/models/${sent}`)).status).toBe(200);
});

test("structured output is a valid instance, or the one that was chosen", async () => {
  const schema = {
    type: "object",
    properties: { name: { type: "string", minLength: 1 }, size: { enum: ["s", "m"] } },
    required: ["name", "size"],
    additionalProperties: false,
  };
  const options: Options = { ...modelOnly, outputFormat: { type: "json_schema", schema } };
  const results = await talk(["one", 'echo: {"name":"mine","size":"m"}', "three"], options);
  expect(results.map((result) => result.subtype === "success" && result.structured_output)).toEqual([
    { name: "demo", size: "s" },
    { name: "mine", size: "m" },
    { name: "demo", size: "s" },
  ]);
});

test("tools of an MCP server are called together and reported in order", async () => {
  const add = tool("add", "Adds", { a: z.number(), b: z.number() }, async ({ a, b }) => ({
    content: [{ type: "text", text: String(a + b) }],
  }));
  const bad = tool("bad", "Fails", {}, async () => ({ isError: true, content: [{ type: "text", text: "broken" }] }));
  const client = createSdkMcpServer({ name: "client", tools: [add, bad], alwaysLoad: true });
  const prompt = 'tool: add {"a":1,"b":2}\ntool: bad\ntool: add {"a":3,"b":4}';
  const results = await talk([prompt, "tool: nope", "turns"], { ...modelOnly, mcpServers: { client } });
  expect(texts(results)).toEqual([
    "add -> 3\nbad -> error: broken\nadd -> 7",
    "The tool nope was not offered to me.",
    "3",
  ]);
});

test("built-in tools run, and a background task that ends is only noted", async () => {
  const task = { command: "sleep 0.5", run_in_background: true };
  const prompts = ['tool: Bash {"command":"echo from the shell"}', `tool: Bash ${JSON.stringify(task)}`];
  const answers = texts(await talk(prompts, {}, 3));
  expect(answers[0]).toBe("Bash -> from the shell");
  expect(answers[1]).toStartWith("Bash -> Command running in background");
  expect(answers[2]).toBe("Noted.");
});
