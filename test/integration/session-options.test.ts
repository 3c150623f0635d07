// What a request asks of its session by header: tools, MCP servers, folders, limits, settings, agent, and how a history is told.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeKey } from "../harness/key-client.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { treeOf } from "../harness/processes.ts";

setDefaultTimeout(60_000);

const secret = "the-secret-of-the-notes";
const folder = mkdtempSync(join(tmpdir(), "lodge-options-"));
let lodge: TestLodge;

beforeAll(async () => {
  const notes = {
    command: process.execPath,
    args: [join(import.meta.dir, "../harness/notes-server.ts")],
    env: { NOTES_SECRET: secret },
  };
  const config = join(folder, "mcp.json");
  writeFileSync(config, JSON.stringify({ mcpServers: { notes } }), { mode: 0o600 });
  lodge = await startTestLodge({ LODGE_MCP_CONFIG: config, LODGE_ANSWER_SECONDS: "1", LODGE_MAX_LIVE: "8" });
  for (const name of ["here", "there"]) mkdirSync(join(lodge.data, "workspaces", name));
  const agents = join(lodge.data, "workspaces/here/.claude/agents");
  mkdirSync(agents, { recursive: true });
  writeFileSync(
    join(agents, "reviewer.md"),
    "---\nname: reviewer\ndescription: Reviews.\n---\nYou review, and nothing else.\n",
  );
});
afterAll(async () => {
  await lodge[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Said {
  role: "user" | "assistant";
  content: string;
}

async function say(content: string, headers: Record<string, string> = {}, before: Said[] = []) {
  const messages: Said[] = [...before, { role: "user", content }];
  const reply = await lodge.post("/v1/messages", { model: "haiku", max_tokens: 10_000, messages }, headers);
  const body = (await reply.json()) as { content?: { text?: string }[]; error?: { type: string; message: string } };
  const text = body.content?.map((block) => block.text ?? "").join("") ?? "";
  return {
    status: reply.status,
    source: reply.headers.get("x-lodge-session-source"),
    session: reply.headers.get("x-claude-session") ?? "",
    error: body.error,
    text,
    history: [...messages, { role: "assistant" as const, content: text }],
  };
}

const bash = (command: string) => `tool: Bash ${JSON.stringify({ command, description: "a test" })}`;
const write = (path: string) => `tool: Write ${JSON.stringify({ file_path: path, content: "x" })}`;

const commandLines = (): string[] => treeOf(process.pid).map((pid) => readOrNothing(`/proc/${pid}/cmdline`));

describe.each(["stream", "terminal"])("with the %s driver", (driver) => {
  const asked = {
    "x-claude-driver": driver,
    "x-claude-workspace": "here",
    "x-claude-permission-mode": "acceptEdits",
    "x-claude-disallowed-tools": "Read",
  };
  const value = `a-setting-for-${driver}`;
  const made = `made-by-${driver}`;
  const outside = () => join(lodge.data, "workspaces/there", driver);
  /** What none of it but the last line may do by itself. */
  const work = () =>
    [
      "tool: mcp__notes__ping {}",
      bash(`touch ${made}`),
      bash("printenv MY_SETTING"),
      write(outside()),
      'tool: Read {"file_path":"x"}',
    ].join("\n");

  test("an MCP server, tools that need not ask, a folder more, settings and an agent", async () => {
    const all = {
      ...asked,
      "x-claude-mcp-servers": "notes",
      "x-claude-allowed-tools": "mcp__notes__*, Bash(touch *), Bash(printenv *)",
      "x-claude-add-dirs": "there",
      "x-claude-settings": JSON.stringify({ env: { MY_SETTING: value } }),
      "x-claude-agent": "reviewer",
    };
    const hello = await say("system", all);
    expect(hello.error).toBeUndefined();
    expect(hello.text).toContain("You review, and nothing else.");
    let { history } = hello;
    // The interactive CLI asks the model without waiting for its MCP servers; the other one has them in its first turn.
    for (let isOffered = driver === "stream"; !isOffered; isOffered = history.at(-1)?.content.includes("->") ?? false)
      ({ history } = await say("tool: mcp__notes__ping {}", all, history));
    const { source, text } = await say(work(), all, history);
    expect(source).toBe("warm");
    expect(text).toContain("mcp__notes__ping -> with secret");
    expect(text).toContain(`Bash -> ${value}`);
    expect(text).toContain("Write -> File created");
    expect(text).not.toContain("Read ->");
    expect(existsSync(join(lodge.data, "workspaces/here", made))).toBe(true);
    expect(existsSync(outside())).toBe(true);
    const lines = commandLines();
    expect(lines.some((line) => line.includes("notes-server.ts"))).toBe(true);
    expect(lines.filter((line) => line.includes(secret) || line.includes(JSON.stringify(value)))).toEqual([]);
    rmSync(outside());
  });

  test("and nothing of it where it is not asked for", async () => {
    const { text } = await say(work(), asked);
    expect(text).not.toContain("with secret");
    expect(text).toMatch(/Bash -> error/);
    expect(text).toMatch(/Write -> error/);
    expect(existsSync(outside())).toBe(false);
  });
});

describe("a limit", () => {
  test("of dollars ends the turn and says so", async () => {
    const { status, error } = await say(bash("echo on"), { "x-claude-max-budget-usd": "0.000001" });
    expect([status, error?.message]).toEqual([400, "The turn's budget is spent."]);
  });

  test("of calls of the model as well", async () => {
    const { status, error, text } = await say(bash("echo on"), { "x-claude-max-turns": "1" });
    expect([status, error, text]).toEqual([200, undefined, ""]);
  });

  test("that the terminal driver has not is refused, and its driver named", async () => {
    const { status, error } = await say("echo: hi", { "x-claude-max-budget-usd": "1", "x-claude-driver": "terminal" });
    expect([status, error?.type]).toEqual([400, "invalid_request_error"]);
    expect(error?.message).toContain("stream driver");
  });
});

test("what a live process can be told is told it: mode, effort and model, all on one process", async () => {
  const path = join(lodge.data, "workspaces/here/by-mode");
  const here = { "x-claude-workspace": "here" };
  const first = await say("echo: one", { ...here, "x-claude-permission-mode": "default" });
  const pid = await pidOf(first.session);
  const denied = await say(write(path), { ...here, "x-claude-permission-mode": "default" }, first.history);
  expect([denied.source, existsSync(path)]).toEqual(["warm", false]);
  const changed = { ...here, "x-claude-permission-mode": "acceptEdits", "x-claude-effort": "low" };
  const allowed = await say(write(path), changed, denied.history);
  expect(allowed).toMatchObject({ source: "warm", session: first.session });
  expect(allowed.text).toStartWith("Write -> File created");
  expect(await pidOf(first.session)).toBe(pid);
});

test("an MCP server is there in the very first turn", async () => {
  const asked = {
    "x-claude-mode": "model",
    "x-claude-mcp-servers": "notes",
    "x-claude-allowed-tools": "mcp__notes__ping",
  };
  expect((await say("tool: mcp__notes__ping {}", asked)).text).toBe("mcp__notes__ping -> with secret");
});

test("a history folded into the prompt, where that is asked for", async () => {
  const made: Said[] = [
    { role: "user", content: "What is the password?" },
    { role: "assistant", content: "swordfish" },
  ];
  const folded = await say("turns", { "x-claude-mode": "model", "x-claude-history": "concat_message" }, made);
  expect(folded).toMatchObject({ source: "seeded" });
  const { messages } = lodge.requests.at(-1) as unknown as { messages: { role: string; content: unknown }[] };
  const said = messages.filter(({ role }) => role !== "system");
  expect(said.map(({ role }) => role)).toEqual(["user"]);
  expect(JSON.stringify(said[0]?.content)).toContain("<assistant>\\nswordfish\\n</assistant>");
  // It is found again as the conversation that its client believes in.
  const next = await say("echo: on", { "x-claude-mode": "model" }, folded.history);
  expect(next).toMatchObject({ source: "warm", session: folded.session });
});

describe("what cannot be", () => {
  test.each([
    ["x-claude-mcp-servers", "other", /mcpServers: there is no server named other. Configured are: notes/],
    ["x-claude-mcp-servers", " , ", /x-claude-mcp-servers/],
    ["x-claude-allowed-tools", "--dangerously-skip-permissions", /x-claude-allowed-tools: must be tools/],
    ["x-claude-disallowed-tools", "Read, -x", /x-claude-disallowed-tools: must be tools/],
    ["x-claude-add-dirs", "../elsewhere", /no `..` in it/],
    ["x-claude-add-dirs", "nowhere", /no workspace named "nowhere"/],
    ["x-claude-agent", "--agents", /x-claude-agent: must be an agent's name/],
    ["x-claude-agent", "nobody", /there is no agent named nobody/],
    ["x-claude-settings", "[1]", /x-claude-settings: must be a JSON object/],
    ["x-claude-max-budget-usd", "-1", /x-claude-max-budget-usd/],
    ["x-claude-history", "guess", /x-claude-history/],
  ])("%s: %s", async (header, value, message) => {
    const { status, error } = await say("echo: hi", { [header]: value });
    expect({ status, type: error?.type }).toEqual({ status: 400, type: "invalid_request_error" });
    expect(error?.message).toMatch(message);
  });

  test("a key that may not do everything gives the CLI no settings, and no folder that is not its own", async () => {
    const key = await makeKey(lodge, { workspaces: ["here"] });
    const body = { model: "haiku", max_tokens: 100, messages: [{ role: "user", content: "echo: hi" }] };
    const settings = await key.post("/v1/messages", body, { "x-claude-settings": '{"env":{}}' });
    const dirs = await key.post("/v1/messages", body, { "x-claude-add-dirs": "there" });
    for (const reply of [settings, dirs]) {
      expect(reply.status).toBe(403);
      expect(await reply.json()).toMatchObject({ error: { type: "permission_error" } });
    }
  });
});

test("each header is in the API's description", async () => {
  const { paths } = (await (await lodge.fetch("/swagger/json")).json()) as {
    paths: Record<string, { post: { parameters: { name: string; in: string; description: string }[] } }>;
  };
  for (const path of ["/v1/messages", "/v1/chat/completions", "/openai/v1/chat/completions", "/v1/responses"]) {
    const headers = paths[path]!.post.parameters.filter((each) => each.in === "header");
    const names = headers.map(({ name }) => name);
    for (const name of ["workspace", "session", "driver", "mcp-servers", "allowed-tools", "keep-running"])
      expect(names).toContain(`x-claude-${name}`);
    expect(headers.every(({ description }) => description.length > 10)).toBe(true);
  }
});

async function pidOf(session: string): Promise<number | undefined> {
  const reply = (await (await lodge.fetch(`/api/sessions/${session}`)).json()) as { session: { pid?: number } };
  return reply.session.pid;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process is gone.
    return "";
  }
}
