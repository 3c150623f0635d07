/** The launch plan as a table: what a request comes to, and which requests one process can serve. */
import { describe, expect, test } from "bun:test";
import { sdkOptions } from "./drivers/stream/options.ts";
import { type LaunchDefaults, type LaunchRequest, planLaunch } from "./launch.ts";

const defaults: LaunchDefaults = { model: "sonnet", driver: "stream", permissionMode: "bypassPermissions" };
const agent: LaunchRequest = { mode: "agent", cwd: "/w" };
const model: LaunchRequest = { mode: "model", cwd: "/w" };
const plan = (request: LaunchRequest) => planLaunch(request, defaults);

describe("system prompt", () => {
  test.each([
    [model, { type: "custom", prompt: "" }],
    [
      { ...model, systemPrompt: "a" },
      { type: "custom", prompt: "a" },
    ],
    [
      { ...model, systemPrompt: "a", appendSystemPrompt: "b" },
      { type: "custom", prompt: "a\n\nb" },
    ],
    [agent, { type: "preset", append: "" }],
    [
      { ...agent, appendSystemPrompt: "b" },
      { type: "preset", append: "b" },
    ],
    [
      { ...agent, systemPrompt: "a", appendSystemPrompt: "b" },
      { type: "custom", prompt: "a\n\nb" },
    ],
  ] satisfies [LaunchRequest, object][])("%j", (request, expected) => {
    expect(plan(request).fixed.systemPrompt).toEqual(expected as never);
  });
});

describe("tools of the client", () => {
  const tools = ["b", "a"].map((name) => ({ name, inputSchema: { type: "object" } }));

  test("are what a process can be told to change, in whatever order they come", () => {
    const [one, two] = [plan({ ...model, clientTools: tools }), plan({ ...model, clientTools: tools.toReversed() })];
    expect(one.key).toBe(plan(model).key);
    expect(one.scope).toBe(plan(model).scope);
    expect(one.adjustable.clientTools).toEqual(two.adjustable.clientTools);
  });

  test.each<[Partial<LaunchRequest>, string]>([
    [{ driver: "terminal" }, "terminal driver"],
    [{ clientTools: [...tools, ...tools] }, "two named"],
  ])("not with %j", (wrong, message) => {
    expect(() => plan({ ...model, clientTools: tools, ...wrong })).toThrow(message);
  });
});

describe("what one process can serve", () => {
  const same: [LaunchRequest, LaunchRequest][] = [
    [agent, { ...agent, model: "opus" }],
    [
      { ...agent, permissionMode: "default" },
      { ...agent, permissionMode: "plan" },
    ],
    [model, { ...model, appendSystemPrompt: "" }],
  ];
  const different: [LaunchRequest, LaunchRequest][] = [
    [agent, model],
    [agent, { ...agent, cwd: "/other" }],
    [agent, { ...agent, maxTurns: 2 }],
    [agent, { ...agent, permissionMode: "default" }],
    [agent, { ...agent, disallowedTools: ["Bash"] }],
    [agent, { ...agent, maxBudgetUsd: 1 }],
    [agent, { ...agent, outputFormat: { type: "json_schema", schema: { type: "object" } } }],
    [agent, { ...agent, additionalDirectories: ["/x"] }],
    [agent, { ...agent, driver: "terminal" }],
    [model, { ...model, systemPrompt: "a" }],
  ];
  test.each(same)("%j and %j", (a, b) => expect(plan(a).key).toBe(plan(b).key));
  test.each(different)("not %j and %j", (a, b) => expect(plan(a).key).not.toBe(plan(b).key));
});

test("effort and thinking change neither the process nor the conversation", () => {
  const other = plan({ ...agent, effort: "high", thinking: { budget: 2048, summarized: true } });
  expect(other).toMatchObject({ key: plan(agent).key, scope: plan(agent).scope });
  expect(other.adjustable).toMatchObject({ effort: "high", thinking: { budget: 2048, summarized: true } });
  expect(plan(agent).adjustable).toMatchObject({ effort: null, thinking: { budget: null, summarized: false } });
  expect(plan({ ...model, systemPrompt: "a" }).scope).not.toBe(plan(model).scope);
});

describe("options of the Agent SDK", () => {
  const options = (request: LaunchRequest, origin: Parameters<typeof sdkOptions>[0]["origin"] = { type: "new" }) =>
    sdkOptions(
      { plan: plan(request), sessionId: "id", origin, onPrompts: () => {} },
      { env: { A: "b" }, claudePath: "/claude" },
    );

  test("a model has no tools, no settings, and takes text as text", () => {
    expect(options({ ...model, systemPrompt: "a" })).toMatchObject({
      tools: [],
      settingSources: [],
      strictMcpConfig: true,
      verbatimPrompts: true,
      systemPrompt: "a",
      permissionMode: "dontAsk",
      sessionId: "id",
      env: { A: "b", LODGE_SESSION: "id" },
      pathToClaudeCodeExecutable: "/claude",
      mcpServersDelivery: "initialize",
    });
  });

  test.each<[LaunchRequest, boolean]>([
    [model, true],
    [{ ...model, systemPrompt: "a", effort: "low", maxTurns: 1 }, true],
    [agent, false],
    [{ ...model, clientTools: [{ name: "a", inputSchema: { type: "object" } }] }, false],
    [{ ...model, outputFormat: { type: "json_schema", schema: { type: "object" } } }, false],
    [{ ...model, folderMcpServers: { a: { type: "http", url: "http://127.0.0.1/" } } }, false],
    [{ ...model, settings: { language: "english" } }, false],
    [{ ...model, agent: "a" }, false],
    [{ ...model, extraArgs: { debug: null } }, false],
  ])("what the CLI adds to messages by itself: %j without it, %p", (request, isPlain) => {
    expect(plan(request).isPlain).toBe(isPlain);
    expect(options(request).env?.["CLAUDE_CODE_DISABLE_ATTACHMENTS"]).toBe(isPlain ? "1" : undefined);
  });

  test("an agent has the CLI's tools and instructions", () => {
    expect(options({ ...agent, appendSystemPrompt: "b", effort: "low", maxTurns: 3 })).toMatchObject({
      tools: { type: "preset", preset: "claude_code" },
      systemPrompt: { type: "preset", preset: "claude_code", append: "b" },
      permissionMode: "bypassPermissions",
      allowDangerouslySkipPermissions: true,
      effort: "low",
      maxTurns: 3,
    });
    expect(options(agent)).not.toHaveProperty("verbatimPrompts");
  });

  test("a schema for the answer goes on unchanged, and only with the driver that can have one", () => {
    const outputFormat = { type: "json_schema" as const, schema: { type: "object", required: ["a"] } };
    expect(options({ ...agent, outputFormat })).toMatchObject({ outputFormat });
    const versioned = { ...outputFormat, schema: { $schema: "https://example.com/", ...outputFormat.schema } };
    expect(options({ ...agent, outputFormat: versioned }).outputFormat).toEqual(outputFormat);
    expect(options(agent)).not.toHaveProperty("outputFormat");
    expect(() => plan({ ...agent, driver: "terminal", outputFormat })).toThrow("terminal driver");
  });

  test.each([
    [{ type: "new" }, { sessionId: "id" }],
    [{ type: "resume" }, { resume: "id" }],
    [
      { type: "fork", sessionId: "from", at: "message" },
      { resume: "from", resumeSessionAt: "message", forkSession: true, sessionId: "id" },
    ],
  ] satisfies [Parameters<typeof sdkOptions>[0]["origin"], object][])("origin %j", (origin, expected) => {
    const { sessionId, resume, resumeSessionAt, forkSession } = options(model, origin);
    expect(JSON.parse(JSON.stringify({ sessionId, resume, resumeSessionAt, forkSession }))).toEqual(expected);
  });
});

test("tools that need not ask are a rule of the settings, beside those that are there", () => {
  const settings = { permissions: { allow: ["Read"], deny: ["Edit"] } };
  const start = { sessionId: "id", origin: { type: "new" as const }, onPrompts: () => {} };
  const asked = plan({ ...agent, allowedTools: ["Bash(git *)"], settings });
  const { settings: told } = sdkOptions({ plan: asked, ...start }, { env: {}, claudePath: undefined });
  expect(told).toEqual({ permissions: { allow: ["Read", "Bash(git *)", "mcp__client__*"], deny: ["Edit"] } });
});

test("an MCP server is there from the first turn on, unless its own settings say otherwise", () => {
  const one = { command: "one" };
  const two = { command: "two", alwaysLoad: false };
  const { fixed } = planLaunch({ ...agent, mcpServers: ["one", "two"] }, { ...defaults, mcpServers: { one, two } });
  expect(fixed.mcpServers).toEqual({ one: { ...one, alwaysLoad: true }, two });
});

test("an MCP server that is not configured is refused by name", () => {
  expect(() => plan({ ...agent, mcpServers: ["files"] })).toThrow("mcpServers: there is no server named files");
});
