/** From a launch plan to the interactive CLI's arguments: pure, so that a table can test it. */
import { SessionError } from "../../errors.ts";
import type { LaunchPlan } from "../../launch.ts";
import type { DriverStart } from "../driver.ts";

/** Files that hold what must not be on a command line, which every user of the machine can read. */
export interface LaunchFiles {
  systemPrompt: string;
  settings: string;
  mcpServers: string;
}

/** @throws SessionError `invalid_request` for what the CLI can do without a terminal only */
export function terminalArguments({ plan, sessionId, origin }: DriverStart, files: LaunchFiles): string[] {
  const { fixed, adjustable } = plan;
  if (fixed.maxTurns !== null) throw unavailable("maxTurns");
  if (fixed.maxBudgetUsd !== null) throw unavailable("maxBudgetUsd");
  return [
    // A fork's transcript has been cut to its own id by now; the CLI heeds `resumeSessionAt` only without a terminal.
    ...(origin.type === "new" ? ["--session-id", sessionId] : ["--resume", sessionId]),
    "--model",
    adjustable.model,
    "--permission-mode",
    adjustable.permissionMode,
    ...(fixed.bypassPermissions ? ["--allow-dangerously-skip-permissions"] : []),
    ...(adjustable.effort === null ? [] : ["--effort", adjustable.effort]),
    ...(fixed.agent === null ? [] : ["--agent", fixed.agent]),
    ...several("--allowed-tools", fixed.allowedTools),
    ...several("--disallowed-tools", fixed.disallowedTools),
    ...several("--add-dir", fixed.additionalDirectories),
    ...(Object.keys(fixed.mcpServers).length === 0 ? [] : ["--mcp-config", files.mcpServers]),
    "--settings",
    files.settings,
    ...systemPromptArguments(fixed.systemPrompt, files.systemPrompt),
    ...Object.entries(fixed.extraArgs).flatMap(([name, value]) =>
      value === null ? [`--${name}`] : [`--${name}`, value],
    ),
    ...modeArguments[fixed.mode],
  ];
}

const modeArguments = {
  agent: [],
  model: ["--tools", "", "--setting-sources", "", "--strict-mcp-config", "--disable-slash-commands"],
} as const;

const several = (option: string, values: readonly string[]): string[] =>
  values.length === 0 ? [] : [option, ...values];

function systemPromptArguments(prompt: LaunchPlan["fixed"]["systemPrompt"], file: string): string[] {
  if (prompt.type === "custom") return ["--system-prompt-file", file];
  return prompt.append === "" ? [] : ["--append-system-prompt-file", file];
}

const unavailable = (option: string) =>
  new SessionError("invalid_request", `${option}: the terminal driver has no such limit. The stream driver has.`);

/** The process's environment: what any driver gives it, the plan's own, and what the terminal needs. */
export function terminalEnvironment(
  env: Readonly<Record<string, string>>,
  { fixed, adjustable: { thinking } }: LaunchPlan,
  editor: string,
): Record<string, string> {
  return {
    LANG: "C.UTF-8",
    ...env,
    ...(thinking.budget === null ? {} : { MAX_THINKING_TOKENS: String(thinking.budget) }),
    ...fixed.env,
    TERM: "xterm-256color",
    VISUAL: editor,
    // Each would stand between a prompt and its answer, or call the model for something that nobody sees.
    CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: "1",
    CLAUDE_CODE_DISABLE_TERMINAL_TITLE: "1",
    CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: "false",
    ...(fixed.mode === "model" ? modelEnvironment : {}),
  };
}

const modelEnvironment = {
  // A client's text is text: `@/etc/passwd` in it opens no file, and a word in it changes no effort.
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: "1",
  CLAUDE_CODE_DISABLE_ULTRATHINK: "1",
  // A conversation that is too long is its client's to shorten, who would go on believing all of it.
  DISABLE_COMPACT: "1",
};

/** The CLI's settings: the plan's own, with hooks added to those that it names. */
export function terminalSettings(
  settings: LaunchPlan["fixed"]["settings"],
  hooks: Readonly<Record<string, object[]>>,
  bypassAccepted: boolean,
): object {
  const own: Partial<Record<string, object[]>> = settings?.hooks ?? {};
  const names = new Set([...Object.keys(own), ...Object.keys(hooks)]);
  return {
    // Once a CLI of any kind has run in a config folder, the acceptance in its `.claude.json` is not looked at any more.
    ...(bypassAccepted ? { skipDangerousModePermissionPrompt: true } : {}),
    ...settings,
    spinnerTipsEnabled: false,
    hooks: Object.fromEntries([...names].map((name) => [name, [...(own[name] ?? []), ...(hooks[name] ?? [])]])),
  };
}
