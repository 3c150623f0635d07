// The server as a process: what it prints, how it refuses to start, how it stops, what it leaves on the disk and in the log.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LodgeProcess, runLodge, spawnLodge, temporaryFolder } from "../harness/process.ts";
import { eventually, isAlive, treeOf } from "../harness/processes.ts";
import { collectFrames, readFrames } from "../harness/sse.ts";

setDefaultTimeout(60_000);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

const slow = (words: number) => ({
  model: "haiku",
  stream: true,
  messages: [{ role: "user", content: `slow: ${words}` }],
});

/** The CLI's processes of a server and all that these started. */
const childrenOf = (lodge: LodgeProcess): number[] => treeOf(lodge.pid).filter((pid) => pid !== lodge.pid);

describe.concurrent("what it tells", () => {
  test("--help lists every setting and every older name for one", async () => {
    const { code, out, err } = await runLodge(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const names = [
      "HOST", "PORT", "TOKEN", "DATA", "WORKSPACES", "CLAUDE", "DEFAULT_MODEL", "DEFAULT_MODE", "DRIVER", "MAX_LIVE",
      "IDLE_SECONDS", "WATCHDOG_SECONDS", "SPARES", "QUEUE", "LOG_LEVEL",
    ]; // prettier-ignore
    for (const name of names) expect(out).toMatch(new RegExp(`^  LODGE_${name}$`, "m"));
    const older = [
      "CLAUDE_MODE_API_TOKEN", "CLAUDE_MODE_API_PORT", "API_BEARER_TOKEN", "WORKSPACE_DIR", "CLAUDE_CLI_LISTEN_ADDR",
      "CLAUDE_CLI_SESSION_TTL_SECS", "CLAUDE_CLI_WATCHDOG_SECS", "CLAUDE_CLI_MAX_SESSIONS",
    ]; // prettier-ignore
    for (const name of older) expect(out).toContain(name);
  });

  test("--version", async () => {
    const { code, out } = await runLodge(["--version"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe.concurrent("what stops the start, with one line that says why", () => {
  const refusals: [string, string[], Record<string, string>, RegExp][] = [
    ["a wrong number", ["demo"], { LODGE_PORT: "eighty" }, /LODGE_PORT/],
    ["a wrong word", ["demo"], { LODGE_DEFAULT_MODE: "wild" }, /LODGE_DEFAULT_MODE/],
    ["a wrong value in an older name", ["demo"], { CLAUDE_CLI_MAX_SESSIONS: "many" }, /CLAUDE_CLI_MAX_SESSIONS/],
    ["no CLI", ["demo"], { LODGE_CLAUDE: "/nonexistent/claude" }, /LODGE_CLAUDE|CLI/],
    ["no such MCP servers", ["demo"], { LODGE_MCP_CONFIG: "/nonexistent/mcp.json" }, /LODGE_MCP_CONFIG.*ENOENT/],
    ["an address that is none", ["demo"], { LODGE_HOST: "256.0.0.1" }, /LODGE_HOST/],
    ["an address of another machine", ["demo"], { LODGE_HOST: "192.0.2.1" }, /LODGE_HOST/],
    ["a file in the place of the data folder", ["demo"], { LODGE_DATA: "/etc/hostname" }, /\/etc\/hostname/],
    ["a file in the place of the workspaces", ["demo"], { LODGE_WORKSPACES: "/etc/hostname" }, /\/etc\/hostname/],
    ["an unknown command", ["serve"], {}, /serve/],
    ["an unknown argument", ["demo", "--port=1"], {}, /--port=1/],
    ["a data folder that cannot be made", ["demo"], { LODGE_DATA: "/proc/nothing/here" }, /\/proc\/nothing|LODGE_DATA/],
  ];
  test.each(refusals)("%s", async (name, args, settings, expected) => {
    const data = join(folder.path, name.replaceAll(" ", "-"));
    await expectRefusal(await runLodge(args, { LODGE_DATA: data, LODGE_PORT: "0", ...settings }), expected);
  });

  test("a short token, which is not repeated", async () => {
    const run = await runLodge(["demo"], { LODGE_DATA: join(folder.path, "refused"), LODGE_TOKEN: "sh0rt" });
    await expectRefusal(run, /LODGE_TOKEN/);
    expect(run.err).not.toContain("sh0rt");
  });

  test("a port that is taken", async () => {
    const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    try {
      const settings = { LODGE_DATA: join(folder.path, "taken"), LODGE_PORT: String(other.port) };
      await expectRefusal(await runLodge(["demo"], settings), /LODGE_PORT.*taken/);
    } finally {
      await other.stop(true);
    }
  });

  test("a data folder that another server is at work in, which is left as it is", async () => {
    const data = join(folder.path, "shared");
    await using first = await spawnLodge({ LODGE_DATA: data });
    const frames = readFrames(await first.post("/v1/chat/completions", slow(2000)));
    await frames.next();
    const children = childrenOf(first);
    const upload = join(data, "uploads", "unfinished");
    await Bun.write(upload, "of the first");
    await expectRefusal(await runLodge(["demo"], { LODGE_DATA: data, LODGE_PORT: "0" }), /LODGE_DATA: another Lodge/);
    expect(children.filter(isAlive)).toEqual(children);
    expect(await Bun.file(upload).exists()).toBe(true);
    // Whoever is not read from any more may be let go of, and would end the turn.
    expect((await frames.next()).done).toBe(false);
  });

  async function expectRefusal({ code, out, err }: { code: number; out: string; err: string }, expected: RegExp) {
    expect(err).toMatch(/^lodge: [^\n]+\n$/);
    expect(err).toMatch(expected);
    expect(out).toBe("");
    expect(code).not.toBe(0);
  }
});

describe.concurrent("its token", () => {
  test("is made once, kept for its owner alone, and stable", async () => {
    const data = join(folder.path, "kept");
    const tokens: string[] = [];
    for (let start = 0; start < 2; start++) {
      await using lodge = await spawnLodge({ LODGE_DATA: data });
      expect(lodge.readyLine).toMatch(/^Lodge is ready: http:\/\/127\.0\.0\.1:\d+\/#token=\S{20,}$/);
      expect((await lodge.fetch("/status")).status).toBe(200);
      tokens.push(lodge.token);
    }
    expect(tokens[1]).toBe(tokens[0]);
    const { mode } = await stat(join(data, "token"));
    expect((mode & 0o777).toString(8)).toBe("600");
    expect((await readFile(join(data, "token"), "utf8")).trim()).toBe(tokens[0]!);
  });

  test("in a file that others can read is closed to them", async () => {
    const data = join(folder.path, "loose");
    await Bun.write(join(data, "token"), "a-token-from-elsewhere\n");
    await chmod(join(data, "token"), 0o644);
    await using lodge = await spawnLodge({ LODGE_DATA: data });
    expect(lodge.token).toBe("a-token-from-elsewhere");
    const { mode } = await stat(join(data, "token"));
    expect((mode & 0o777).toString(8)).toBe("600");
  });

  test("from the environment is not written down", async () => {
    const data = join(folder.path, "given");
    await using lodge = await spawnLodge({ LODGE_DATA: data, LODGE_TOKEN: "a-token-of-mine" });
    expect(lodge.token).toBe("a-token-of-mine");
    expect(await Bun.file(join(data, "token")).exists()).toBe(false);
  });
});

describe.concurrent("a signal in mid-turn", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s lets the turn end, then leaves nothing behind", async (signal) => {
    const lodge = await spawnLodge({ LODGE_DATA: join(folder.path, signal) });
    const response = await lodge.post("/v1/chat/completions", slow(20));
    const frames = readFrames(response);
    await frames.next();
    const children = childrenOf(lodge);
    expect(children.length).toBeGreaterThan(0);
    const told = performance.now();
    lodge.kill(signal);
    let last = "";
    for await (const frame of frames) last = frame.data;
    expect(last).toBe("[DONE]");
    const { code } = await lodge.ended;
    expect(code).toBe(0);
    expect(performance.now() - told).toBeLessThan(10_000);
    expect(children.filter(isAlive)).toEqual([]);
  });

  test("a turn that does not end is cut short, and its client told", async () => {
    const lodge = await spawnLodge({ LODGE_DATA: join(folder.path, "endless") });
    const response = await lodge.post("/v1/chat/completions", slow(5000));
    const frames = readFrames(response);
    await frames.next();
    const children = childrenOf(lodge);
    const told = performance.now();
    lodge.kill("SIGTERM");
    let last = "";
    for await (const frame of frames) if (frame.comment === undefined) last = frame.data;
    expect(JSON.parse(last)).toMatchObject({ error: { message: "The server is shutting down." } });
    const { code } = await lodge.ended;
    expect(code).toBe(0);
    expect(performance.now() - told).toBeLessThan(10_000);
    expect(children.filter(isAlive)).toEqual([]);
  });

  test("no new turn is begun meanwhile", async () => {
    const lodge = await spawnLodge({ LODGE_DATA: join(folder.path, "refusing") });
    const frames = readFrames(await lodge.post("/v1/chat/completions", slow(20)));
    await frames.next();
    lodge.kill("SIGTERM");
    await eventually("new turns are refused", async () => {
      const reply = await lodge.post("/v1/chat/completions", slow(1)).catch(() => null);
      await reply?.body?.cancel();
      return reply === null || reply.status === 503;
    });
    for await (const _ of frames);
    expect((await lodge.ended).code).toBe(0);
  });
});

test.concurrent("a CLI that cannot be started does not keep the server from stopping", async () => {
  const broken = join(folder.path, "broken-cli");
  await writeFile(broken, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
  const settings = { LODGE_DATA: join(folder.path, "broken"), LODGE_SPARES: "1" };
  const lodge = await spawnLodge({ ...settings, LODGE_CLAUDE: broken });
  const response = await lodge.post("/v1/messages", {
    model: "haiku",
    max_tokens: 10_000,
    messages: [{ role: "user", content: "hi" }],
  });
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ type: "error", error: { type: "api_error" } });
  lodge.kill("SIGTERM");
  expect((await lodge.ended).code).toBe(0);
});

test.concurrent("the demo leaves nothing outside its data folder", async () => {
  await using home = await temporaryFolder();
  await using lodge = await spawnLodge({
    LODGE_DATA: join(folder.path, "demo"),
    LODGE_SPARES: "1",
    HOME: home.path,
    TMPDIR: home.path,
    CLAUDE_CONFIG_DIR: join(home.path, "config"),
  });
  const content = 'tool: Bash {"command":"sleep 1","run_in_background":true}';
  const response = await lodge.post("/v1/chat/completions", { model: "haiku", messages: [{ role: "user", content }] });
  expect(await response.text()).toContain("Bash -> ");
  // `.bun` is Bun's own, when it has to build the dashboard first.
  expect((await readdir(home.path)).filter((name) => name !== ".bun")).toEqual([]);
});

test.concurrent("its log is JSON lines that name request and session, and hold neither prompts nor the token", async () => {
  const lodge = await spawnLodge({ LODGE_DATA: join(folder.path, "logged") });
  const body = { ...slow(1), messages: [{ role: "user", content: "echo: a most secret matter" }] };
  const headers = { "x-claude-append-system-prompt": "a confidential instruction" };
  const response = await lodge.post("/v1/chat/completions", body, headers);
  await collectFrames(response);
  await lodge.post("/v1/messages", { model: "haiku", messages: "a most secret matter" });
  await lodge.post("/api/login", { token: "a most secret matter" });
  lodge.kill("SIGTERM");
  const { err } = await lodge.ended;
  const lines = err
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const turn = lines.find((line) => line["requestId"] === response.headers.get("request-id"));
  expect(turn).toMatchObject({
    method: "POST",
    path: "/v1/chat/completions",
    status: 200,
    sessionId: response.headers.get("x-claude-session")!,
    source: "cold",
  });
  expect(turn?.["durationMs"]).toBeNumber();
  expect(lines.filter(({ status }) => typeof status === "number").length).toBe(3);
  for (const secret of ["secret matter", "confidential", lodge.token]) expect(err).not.toContain(secret);
});
