import { expect, test } from "bun:test";
import { type LaunchRequest, planLaunch } from "../../launch.ts";
import type { Origin } from "../driver.ts";
import { terminalArguments, terminalEnvironment, terminalSettings } from "./arguments.ts";

const files = { systemPrompt: "/f/prompt", settings: "/f/settings", mcpServers: "/f/mcp" };
const defaults = { model: "sonnet", driver: "terminal", permissionMode: "default" } as const;

function argumentsOf(request: Partial<LaunchRequest>, origin: Origin = { type: "new" }): string {
  const plan = planLaunch({ mode: "agent", cwd: "/w", ...request }, defaults);
  return terminalArguments({ plan, sessionId: "id", origin, onPrompts: () => {} }, files)
    .map((argument) => (argument === "" ? "''" : argument))
    .join(" ");
}

const pure = "--tools '' --setting-sources '' --strict-mcp-config --disable-slash-commands";

test.each<[string, Partial<LaunchRequest>, Origin | undefined, string]>([
  ["an agent", {}, undefined, "--session-id id --model sonnet --permission-mode default --settings /f/settings"],
  [
    "a pure model",
    { mode: "model", systemPrompt: "x", model: "opus" },
    undefined,
    `--session-id id --model opus --permission-mode dontAsk --settings /f/settings --system-prompt-file /f/prompt ${pure}`,
  ],
  [
    "an added system prompt",
    { appendSystemPrompt: "x", effort: "high" },
    undefined,
    "--session-id id --model sonnet --permission-mode default --effort high --settings /f/settings --append-system-prompt-file /f/prompt",
  ],
  [
    "a resumed session",
    { permissionMode: "bypassPermissions" },
    { type: "resume" },
    "--resume id --model sonnet --permission-mode bypassPermissions --allow-dangerously-skip-permissions --settings /f/settings",
  ],
  [
    "a fork, whose transcript is cut to its own id",
    { permissionMode: "plan" },
    { type: "fork", sessionId: "other", at: "uuid" },
    "--resume id --model sonnet --permission-mode plan --settings /f/settings",
  ],
  [
    "tools, folders and more",
    {
      allowedTools: ["Bash(git *)", "Read"],
      disallowedTools: ["Edit"],
      additionalDirectories: ["/a"],
      agent: "tester",
      extraArgs: { verbose: null, name: "n" },
    },
    undefined,
    "--session-id id --model sonnet --permission-mode default --agent tester --allowed-tools Bash(git *) Read --disallowed-tools Edit --add-dir /a --settings /f/settings --verbose --name n",
  ],
])("%s", (_name, request, origin, expected) => {
  expect(argumentsOf(request, origin)).toBe(expected);
});

test("what must not be seen by others is in files", () => {
  const secret = "a secret";
  const plan = planLaunch(
    { mode: "agent", cwd: "/w", systemPrompt: secret, mcpServers: ["one"], settings: { model: secret } },
    { ...defaults, mcpServers: { one: { type: "http", url: "http://127.0.0.1/", headers: { key: secret } } } },
  );
  const all = terminalArguments({ plan, sessionId: "id", origin: { type: "new" }, onPrompts: () => {} }, files);
  expect(all.join(" ")).not.toContain(secret);
  expect(all.join(" ")).toContain("--mcp-config /f/mcp");
});

test.each([{ maxTurns: 3 }, { maxBudgetUsd: 1 }])("%p is refused", (request) => {
  expect(() => argumentsOf(request)).toThrow("terminal driver");
});

test("hooks of the plan's settings stay beside the driver's", () => {
  const mine = { hooks: [{ type: "command" as const, command: "true" }] };
  const ours = { hooks: [{ type: "http", url: "http://127.0.0.1/" }] };
  expect(terminalSettings({ hooks: { Stop: [mine] } }, { Stop: [ours], PreToolUse: [ours] }, false)).toMatchObject({
    hooks: { Stop: [mine, ours], PreToolUse: [ours] },
  });
});

test("only a pure model's text is kept from opening files", () => {
  const environmentOf = (mode: "agent" | "model") =>
    terminalEnvironment(
      { HOME: "/h" },
      planLaunch({ mode, cwd: "/w", env: { OWN: "1" }, thinking: { budget: 2048, summarized: true } }, defaults),
      "/f/editor",
    );
  expect(environmentOf("model")).toMatchObject({ HOME: "/h", OWN: "1", CLAUDE_CODE_DISABLE_FILE_MENTIONS: "1" });
  expect(environmentOf("agent")).not.toHaveProperty("CLAUDE_CODE_DISABLE_FILE_MENTIONS");
  expect(environmentOf("agent")).toMatchObject({ MAX_THINKING_TOKENS: "2048" });
});
