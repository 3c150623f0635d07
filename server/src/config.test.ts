// Every setting: its default, its older names, and a wrong value that is named.
import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { type Config, ConfigError, describeSettings, helpText, readConfig } from "./config.ts";

test("without any variable everything has a default", () => {
  const { maxLive, ...config } = readConfig({});
  expect(config).toMatchObject({
    host: "127.0.0.1",
    port: 8080,
    token: undefined,
    data: resolve(".lodge"),
    workspaces: resolve(".lodge/workspaces"),
    claude: undefined,
    defaultModel: "sonnet",
    defaultMode: "agent",
    driver: "stream",
    idleSeconds: 600,
    watchdogSeconds: 120,
    spares: 1,
    queue: 64,
    logLevel: "info",
  });
  // By memory and cores, but never less than two.
  expect(maxLive).toBeGreaterThanOrEqual(2);
});

const taken: [string, string, Partial<Config>][] = [
  ["LODGE_HOST", "0.0.0.0", { host: "0.0.0.0" }],
  ["LODGE_PORT", "0", { port: 0 }],
  ["LODGE_TOKEN", "long-enough", { token: "long-enough" }],
  ["LODGE_DATA", "/srv/lodge", { data: "/srv/lodge", workspaces: "/srv/lodge/workspaces" }],
  ["LODGE_WORKSPACES", "/srv/work", { workspaces: "/srv/work" }],
  ["LODGE_CLAUDE", "bin/claude", { claude: resolve("bin/claude") }],
  ["LODGE_DEFAULT_MODEL", "opus", { defaultModel: "opus" }],
  ["LODGE_DEFAULT_MODE", "model", { defaultMode: "model" }],
  ["LODGE_DRIVER", "terminal", { driver: "terminal" }],
  ["LODGE_MAX_LIVE", "3", { maxLive: 3 }],
  ["LODGE_IDLE_SECONDS", "5", { idleSeconds: 5 }],
  ["LODGE_WATCHDOG_SECONDS", "7", { watchdogSeconds: 7 }],
  ["LODGE_SPARES", "0", { spares: 0 }],
  ["LODGE_QUEUE", "0", { queue: 0 }],
  ["LODGE_BUSY_SESSION", "refuse", { busySession: "refuse" }],
  ["LODGE_MCP_CONFIG", "mcp.json", { mcpConfig: resolve("mcp.json") }],
  ["LODGE_LOG_LEVEL", "silent", { logLevel: "silent" }],
  ["LODGE_TRUST_WORKSPACES", "no", { trustWorkspaces: false }],
  ["LODGE_ANSWER_SECONDS", "8", { answerSeconds: 8 }],
  ["LODGE_ATTENDED", "wait", { attended: "wait" }],
  ["LODGE_ATTENDED_SECONDS", "9", { attendedSeconds: 9 }],
  ["LODGE_TOOL_SECONDS", "10", { toolSeconds: 10 }],
  ["LODGE_JOBS", "11", { jobs: 11 }],
  ["LODGE_JOBS_PER_WORKSPACE", "12", { jobsPerWorkspace: 12 }],
  ["LODGE_JOB_QUEUE", "0", { jobQueue: 0 }],
  ["LODGE_KEEP_SECONDS", "60", { keepSeconds: 60 }],
  ["LODGE_RESPONSE_SECONDS", "61", { responseSeconds: 61 }],
  ["LODGE_CLAUDE_MD", "a.md", { claudeMd: resolve("a.md") }],
  ["LODGE_SYSTEM_HINT", "be brief", { systemHint: "be brief" }],
  ["LODGE_GIT", "pull --rebase", { git: "pull --rebase" }],
  ["LODGE_GIT_SECONDS", "13", { gitSeconds: 13 }],
  ["LODGE_WEBHOOK_SECRET", "sixteen-letters-", { webhookSecret: "sixteen-letters-" }],
  ["LODGE_PRIVATE_ADDRESSES", "yes", { privateAddresses: true }],
  ["LODGE_RECORDINGS", "off", { recordings: "off" }],
  ["LODGE_RECORDING_SECONDS", "62", { recordingSeconds: 62 }],
  ["LODGE_RECORDING_BYTES", "16777216", { recordingBytes: 16_777_216 }],
  ["LODGE_ORIGINS", "https://a.example, https://b.example", { origins: ["https://a.example", "https://b.example"] }],
  ["LODGE_MAX_UPLOAD_BYTES", "14", { maxUploadBytes: 14 }],
];

test.each(taken)("%s=%s", (name, value, expected) => {
  expect(readConfig({ [name]: value })).toMatchObject(expected);
});

test("there is no other setting", () => {
  const names = describeSettings(readConfig({})).map(({ name }) => name);
  expect(names.toSorted()).toEqual(taken.map(([name]) => name).toSorted());
});

test.each<[string, string, Partial<Config>]>([
  ["CLAUDE_MODE_API_TOKEN", "token-of-old", { token: "token-of-old" }],
  ["API_BEARER_TOKEN", "token-of-old", { token: "token-of-old" }],
  ["CLAUDE_MODE_API_PORT", "9000", { port: 9000 }],
  ["WORKSPACE_DIR", "/srv/work", { workspaces: "/srv/work" }],
  ["CLAUDE_CLI_LISTEN_ADDR", "0.0.0.0:9001", { host: "0.0.0.0", port: 9001 }],
  ["CLAUDE_CLI_LISTEN_ADDR", "localhost:9001", { host: "localhost", port: 9001 }],
  ["CLAUDE_CLI_LISTEN_ADDR", "[::1]:9001", { host: "::1", port: 9001 }],
  ["CLAUDE_CLI_LISTEN_ADDR", "[fe80::1]:9001", { host: "fe80::1", port: 9001 }],
  ["CLAUDE_CLI_LISTEN_ADDR", ":9001", { host: "127.0.0.1", port: 9001 }],
  ["CLAUDE_CLI_SESSION_TTL_SECS", "60", { idleSeconds: 60 }],
  ["CLAUDE_CLI_WATCHDOG_SECS", "61", { watchdogSeconds: 61 }],
  ["CLAUDE_CLI_MAX_SESSIONS", "9", { maxLive: 9 }],
])("an earlier system's %s=%s is understood", (name, value, expected) => {
  expect(readConfig({ [name]: value })).toMatchObject(expected);
});

test("our own name comes before an older one, and an empty value is none", () => {
  expect(readConfig({ LODGE_PORT: "1", CLAUDE_MODE_API_PORT: "2" }).port).toBe(1);
  expect(readConfig({ LODGE_PORT: "", CLAUDE_MODE_API_PORT: "2" }).port).toBe(2);
  expect(readConfig({ LODGE_PORT: "", CLAUDE_MODE_API_PORT: "" }).port).toBe(8080);
});

describe("a wrong value stops the start with one line that names the variable", () => {
  test.each([
    ["LODGE_PORT", "eighty"],
    ["LODGE_PORT", "-1"],
    ["LODGE_PORT", "65536"],
    ["LODGE_PORT", "80.5"],
    ["LODGE_TOKEN", "short"],
    ["LODGE_DEFAULT_MODEL", "x".repeat(257)],
    ["LODGE_DEFAULT_MODE", "wild"],
    ["LODGE_DRIVER", "horse"],
    ["LODGE_MAX_LIVE", "0"],
    ["LODGE_MAX_LIVE", "many"],
    ["LODGE_IDLE_SECONDS", "0"],
    ["LODGE_WATCHDOG_SECONDS", "1e3"],
    ["LODGE_SPARES", "17"],
    ["LODGE_QUEUE", "-5"],
    ["LODGE_LOG_LEVEL", "loud"],
    ["CLAUDE_MODE_API_PORT", "eighty"],
    ["CLAUDE_MODE_API_TOKEN", "short"],
    ["CLAUDE_CLI_LISTEN_ADDR", "localhost"],
    ["CLAUDE_CLI_LISTEN_ADDR", "localhost:99999"],
    ["CLAUDE_CLI_SESSION_TTL_SECS", "soon"],
  ])("%s=%s", (name, value) => {
    const error = problemOf({ [name]: value });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toStartWith(`${name}: `);
    expect(error.message).not.toContain("\n");
    // It may be a secret.
    if (name.endsWith("TOKEN")) expect(error.message).not.toContain(value);
  });

  function problemOf(environment: Record<string, string>): Error {
    try {
      readConfig(environment);
    } catch (error) {
      return error as Error;
    }
    throw new Error("the value was taken");
  }
});

test("the help names every variable with its default", () => {
  const help = helpText();
  for (const name of ["LODGE_HOST", "LODGE_TOKEN", "LODGE_LOG_LEVEL", "CLAUDE_CLI_MAX_SESSIONS"]) {
    expect(help).toContain(name);
  }
  expect(help).toContain("Default: 8080.");
  expect(help).not.toContain("undefined");
});

test("each setting tells where it comes from, and a secret not what it is", () => {
  const secret = "nobody-may-see-this";
  const config = readConfig({
    LODGE_PORT: "9000",
    WORKSPACE_DIR: "/srv/work",
    API_BEARER_TOKEN: secret,
    LODGE_WEBHOOK_SECRET: secret,
    LODGE_ORIGINS: "https://a.example https://b.example",
    LODGE_SYSTEM_HINT: "x".repeat(10_000),
  });
  const described = describeSettings(config);
  const of = (name: string) => described.find((setting) => setting.name === name);
  expect(of("LODGE_PORT")).toMatchObject({ value: "9000", source: { type: "variable", name: "LODGE_PORT" } });
  expect(of("LODGE_WORKSPACES")).toMatchObject({
    value: "/srv/work",
    source: { type: "alias", name: "WORKSPACE_DIR" },
  });
  expect(of("LODGE_TOKEN")).toMatchObject({ value: null, source: { type: "alias", name: "API_BEARER_TOKEN" } });
  expect(of("LODGE_TRUST_WORKSPACES")).toMatchObject({ value: "yes", source: { type: "default" } });
  expect(of("LODGE_CLAUDE")).toMatchObject({ value: "the one shipped with the Agent SDK" });
  expect(of("LODGE_ORIGINS")).toMatchObject({ value: "https://a.example, https://b.example" });
  expect(of("LODGE_SYSTEM_HINT")!.value!.length).toBeLessThan(600);
  expect(JSON.stringify(described)).not.toContain(secret);
  expect(described).toHaveLength(helpText().match(/^ {2}LODGE_\w+$/gm)!.length);
});

test("the page for those who come from another system has every older name in its table, and no other", async () => {
  const page = await Bun.file(new URL("../../docs/compatibility.md", import.meta.url)).text();
  const table = page.split("\n").filter((line) => /^\| `(CLAUDE|API|WORKSPACE)_/.test(line));
  const shown = table.flatMap((line) => {
    const [, older = "", ours = ""] = line.split("|");
    const names = (cell: string) => cell.match(/\b[A-Z]+(_[A-Z]+)+\b/g) ?? [];
    return names(older).flatMap((name) => names(ours).map((own) => `${name} ${own}`));
  });
  const understood = [...helpText().matchAll(/^ {2}(LODGE_\w+)\n.*\n.*\n {6}Also read from (.*)\.$/gm)].flatMap(
    ([, own, older]) => older!.split(", ").map((name) => `${name} ${own}`),
  );
  expect(understood.length).toBeGreaterThan(7);
  expect(shown.toSorted()).toEqual(understood.toSorted());
});
