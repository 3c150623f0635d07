// Whole coding agents, as they are published, with tools that they run themselves in a folder of their own.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findClaude } from "@lodge/server/sessions";
import { proving } from "../harness/client-matrix.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { pixel } from "../harness/media.ts";
import { type Run, temporaryFolder } from "../harness/process.ts";
import { jsonLines, runProgram, startProgram } from "../harness/program.ts";

setDefaultTimeout(120_000);

let lodge: TestLodge;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

// The model's own tools would answer for those that the programs bring along.
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
});
afterAll(() => lodge[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** How many sessions there are: a program that goes on in its own, as it should, makes one. */
async function countSessions(): Promise<number> {
  const response = await lodge.fetch("/api/sessions?limit=100");
  return ((await response.json()) as { sessions: object[] }).sessions.length;
}

const inWork = (name: string) => join(folder.path, "work", name);
const call = (name: string, input: object) => `tool: ${name} ${JSON.stringify(input)}`;

describe("Claude Code", () => {
  const proves = proving("Claude Code");
  const model = "haiku";

  const claude = (input: string, args: string[] = [], token = lodge.token): Promise<Run> =>
    runProgram(
      [findClaude(undefined), "-p", "--model", model, "--dangerously-skip-permissions", "--verbose"].concat(
        ["--output-format", "stream-json", "--include-partial-messages"],
        args,
      ),
      {
        folder: folder.path,
        stdin: input,
        env: {
          CLAUDE_CONFIG_DIR: join(folder.path, "claude"),
          ANTHROPIC_BASE_URL: lodge.url,
          ANTHROPIC_API_KEY: token,
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
          CLAUDE_CODE_MAX_RETRIES: "0",
          DISABLE_AUTOUPDATER: "1",
          // It refuses to skip permissions as root elsewhere.
          IS_SANDBOX: "1",
        },
      },
    );

  proves(["text", "stream", "tools", "parallel tools", "usage"], async () => {
    const words = [
      call("Bash", { command: "echo from the shell | tee made.txt" }),
      call("Write", { file_path: inWork("written.txt"), content: "by Claude Code" }),
    ];
    const before = await countSessions();
    const { out, err } = await claude(words.join("\n"));
    expect(await countSessions()).toBe(before + 1);
    const lines = jsonLines(out);
    expect(lines.at(-1), err).toMatchObject({
      type: "result",
      is_error: false,
      num_turns: 3,
      result: expect.stringMatching(/^Bash -> from the shell\nWrite -> File created/),
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
    expect(lines.filter(({ type }) => type === "stream_event").length).toBeGreaterThan(10);
    expect(await readFile(inWork("made.txt"), "utf8")).toBe("from the shell\n");
    expect(await readFile(inWork("written.txt"), "utf8")).toBe("by Claude Code");
  });

  test("a tool that it has put off is shown to the model when it has looked for it, and can be called", async () => {
    const found = await claude(call("ToolSearch", { query: "select:NotebookEdit", max_results: 1 }));
    const { session_id: id } = jsonLines(found.out).at(-1) as { session_id: string };
    const words = call("NotebookEdit", { notebook_path: inWork("a.ipynb"), new_source: "1" });
    const { out, err } = await claude(words, ["--resume", id]);
    expect(jsonLines(out).at(-1), found.err + err).toMatchObject({
      is_error: false,
      result: expect.stringMatching(/^NotebookEdit -> error: <tool_use_error>/),
    });
    const offered = lodge.requests.at(-1)?.tools.map(({ name }) => name);
    expect(offered).toContain("mcp__client__NotebookEdit");
    // Others wait on: they are named to the API, and not shown.
    expect(offered).not.toContain("mcp__client__DeferredToolPlaceholder");
  });

  proves("structured output", async () => {
    const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const { out, err } = await claude(call("StructuredOutput", { name: "Ada" }), [
      "--json-schema",
      JSON.stringify(schema),
    ]);
    expect(jsonLines(out).at(-1), err).toMatchObject({ subtype: "success", structured_output: { name: "Ada" } });
  });

  proves("images", async () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } };
    const message = { role: "user", content: [{ type: "text", text: "describe" }, image] };
    const input = JSON.stringify({ type: "user", message });
    const { out, err } = await claude(`${input}\n`, ["--input-format", "stream-json"]);
    expect(jsonLines(out).at(-1), err).toMatchObject({ type: "result", result: "image image/png 70 bytes" });
  });

  proves("errors", async () => {
    const { code, out } = await claude("hi", [], "wrong-token");
    expect(code).toBe(1);
    expect(jsonLines(out).at(-1)).toMatchObject({ type: "result", is_error: true, api_error_status: 401 });
  });
});

describe("Codex", () => {
  const proves = proving("Codex");

  async function codex(prompt: string, { token = lodge.token, options = [] as string[] } = {}): Promise<Run> {
    const home = join(folder.path, "codex");
    await mkdir(home);
    await writeFile(join(home, "config.toml"), configuration());
    const launcher = fileURLToPath(import.meta.resolve("@openai/codex/bin/codex.js"));
    // What it takes from its input is the prompt, when there is no other.
    return runProgram([process.execPath, launcher, "exec", "--skip-git-repo-check", "--json", ...options, "-"], {
      folder: folder.path,
      stdin: prompt,
      env: { CODEX_HOME: home, LODGE_KEY: token },
    });
  }

  /** No sandbox, since it wants rights that a container does not have. */
  const configuration = () => `
model = "haiku"
model_provider = "lodge"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
analytics = { enabled = false }

[model_providers.lodge]
name = "Lodge"
base_url = "${lodge.url}/v1"
env_key = "LODGE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
  const itemsOf = ({ out }: Run) =>
    jsonLines(out).flatMap(({ type, item }) => (type === "item.completed" ? [item] : []));

  proves(["text", "stream", "tools", "parallel tools", "usage"], async () => {
    const before = await countSessions();
    const run = await codex(
      [
        call("exec_command", { cmd: "echo first | tee first.txt" }),
        call("exec_command", { cmd: "echo second | tee second.txt" }),
      ].join("\n"),
    );
    expect(await countSessions()).toBe(before + 1);
    const items = itemsOf(run);
    const commands = items.filter((item) => (item as { type: string }).type === "command_execution");
    // They run at the same time, and end as they like.
    expect(commands, run.out + run.err).toHaveLength(2);
    expect(commands).toContainEqual(expect.objectContaining({ aggregated_output: "first\n", exit_code: 0 }));
    expect(commands).toContainEqual(expect.objectContaining({ aggregated_output: "second\n", exit_code: 0 }));
    expect(items.at(-1)).toMatchObject({
      type: "agent_message",
      text: expect.stringMatching(/^exec_command -> [^]*first[^]*exec_command -> [^]*second/),
    });
    expect(jsonLines(run.out).at(-1)).toMatchObject({
      type: "turn.completed",
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
    expect(await readFile(inWork("second.txt"), "utf8")).toBe("second\n");
  });

  proves("structured output", async () => {
    const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const path = join(folder.path, "schema.json");
    await writeFile(path, JSON.stringify({ ...schema, additionalProperties: false }));
    const run = await codex("Think of somebody.", { options: ["--output-schema", path] });
    expect(itemsOf(run).at(-1), run.out + run.err).toMatchObject({ type: "agent_message", text: '{"name":"demo"}' });
  });

  proves("images", async () => {
    const path = join(folder.path, "pixel.png");
    await writeFile(path, Buffer.from(pixel, "base64"));
    const run = await codex(call("view_image", { path }));
    expect(itemsOf(run).at(-1), run.out + run.err).toMatchObject({ text: "view_image -> image image/png 70 bytes" });
  });

  proves("errors", async () => {
    const { code, out } = await codex("hi", { token: "wrong-token" });
    expect(code).toBe(1);
    expect(jsonLines(out).at(-1)).toMatchObject({
      type: "turn.failed",
      error: { message: expect.stringContaining("401") },
    });
  });
});

describe("opencode", () => {
  const proves = proving("opencode");

  /** How it is started with Lodge for its provider, in folders of its own. */
  async function configured(token = lodge.token) {
    const configuration = join(folder.path, "opencode.json");
    const haiku = { name: "haiku", attachment: true, modalities: { input: ["text", "image"], output: ["text"] } };
    await writeFile(
      configuration,
      JSON.stringify({
        model: "lodge/haiku",
        small_model: "lodge/haiku",
        enabled_providers: ["lodge"],
        autoupdate: false,
        share: "disabled",
        permission: "allow",
        provider: {
          lodge: {
            npm: "@ai-sdk/openai-compatible",
            options: { baseURL: `${lodge.url}/v1`, apiKey: token },
            models: { haiku },
          },
        },
      }),
    );
    const own = (name: string) => join(folder.path, "opencode", name);
    const program = join(
      dirname(fileURLToPath(import.meta.resolve("opencode-linux-x64-baseline/package.json"))),
      "bin/opencode",
    );
    const env = {
      XDG_CONFIG_HOME: own("config"),
      XDG_DATA_HOME: own("data"),
      XDG_CACHE_HOME: own("cache"),
      XDG_STATE_HOME: own("state"),
      OPENCODE_CONFIG: configuration,
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
      OPENCODE_PURE: "1",
    };
    return { program, env };
  }

  async function opencode(prompt: string, token?: string): Promise<Run> {
    const { program, env } = await configured(token);
    return runProgram([program, "run", "--format", "json", "--title", "a test"], {
      folder: folder.path,
      stdin: prompt,
      env,
    });
  }
  const partsOf = ({ out }: Run, kind: string) =>
    jsonLines(out).flatMap(({ type, part }) => (type === kind ? [part] : []));

  proves(["text", "stream", "tools", "parallel tools", "usage"], async () => {
    const before = await countSessions();
    const run = await opencode(
      [
        call("write", { filePath: inWork("written.txt"), content: "by opencode" }),
        call("bash", { command: "echo from the shell", description: "Says so" }),
      ].join("\n"),
    );
    expect(await countSessions()).toBe(before + 1);
    expect(partsOf(run, "tool_use"), run.out + run.err).toMatchObject([
      { tool: "write", state: { status: "completed" } },
      { tool: "bash", state: { status: "completed", output: "from the shell\n" } },
    ]);
    expect(partsOf(run, "text").at(-1)).toMatchObject({
      text: expect.stringMatching(/^write -> Wrote file successfully\.\nbash -> from the shell/),
    });
    expect(partsOf(run, "step_finish")).toMatchObject([
      { reason: "tool-calls", tokens: { input: expect.any(Number), output: expect.any(Number) } },
      { reason: "stop" },
    ]);
    expect(await readFile(inWork("written.txt"), "utf8")).toBe("by opencode");
  });

  // Its command line knows neither formats nor images that it has not read from a file; its server knows both.
  proves(["structured output", "images"], async () => {
    const { program, env } = await configured();
    const password = "of this test alone";
    await using server = await startProgram(
      [program, "serve", "--hostname", "127.0.0.1", "--port", "0"],
      { folder: folder.path, env: { ...env, OPENCODE_SERVER_PASSWORD: password } },
      /listening on (http:\/\/\S+)/,
    );
    const post = async (path: string, body: object): Promise<unknown> => {
      const authorization = `Basic ${btoa(`opencode:${password}`)}`;
      const headers = { "content-type": "application/json", authorization };
      const response = await fetch(server.said + path, { method: "POST", body: JSON.stringify(body), headers });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      return JSON.parse(text);
    };
    const { id } = (await post("/session", { title: "a test" })) as { id: string };
    const say = (body: object) =>
      post(`/session/${id}/message`, { model: { providerID: "lodge", modelID: "haiku" }, ...body });
    const image = { type: "file", mime: "image/png", url: `data:image/png;base64,${pixel}` };
    expect(await say({ parts: [image, { type: "text", text: "describe" }] })).toMatchObject({
      info: { finish: "stop" },
      parts: expect.arrayContaining([expect.objectContaining({ type: "text", text: "image image/png 70 bytes" })]),
    });
    const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const text = call("StructuredOutput", { name: "Ada" });
    expect(await say({ format: { type: "json_schema", schema }, parts: [{ type: "text", text }] })).toMatchObject({
      info: { structured: { name: "Ada" } },
    });
  });

  proves("errors", async () => {
    const { out, err } = await opencode("hi", "wrong-token");
    expect(jsonLines(out).at(-1), out + err).toMatchObject({
      type: "error",
      error: { name: "APIError", data: { statusCode: 401, isRetryable: false } },
    });
  });
});
