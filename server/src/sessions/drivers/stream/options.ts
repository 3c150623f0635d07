/** From a launch plan to the Agent SDK's options: pure, so that a table can test it. */
import type { Options, Settings } from "@anthropic-ai/claude-agent-sdk";
import { serverName } from "../../client-tools/names.ts";
import type { OutputFormat } from "../../launch.ts";
import type { DriverStart } from "../driver.ts";
import { ownedBy } from "../process-group.ts";

export interface StreamEnvironment {
  env: Record<string, string>;
  /** Path of the CLI; the one shipped with the SDK when absent. */
  claudePath: string | undefined;
}

export function sdkOptions({ plan, sessionId, origin }: DriverStart, environment: StreamEnvironment): Options {
  const { fixed, adjustable } = plan;
  return {
    cwd: fixed.cwd,
    env: ownedBy(sessionId, {
      ...environment.env,
      ...(fixed.mode === "model" ? modelEnvironment : {}),
      ...(plan.isPlain ? plainEnvironment : {}),
      ...(origin.type === "resume" && origin.answering !== undefined ? answering : {}),
      ...fixed.env,
    }),
    model: adjustable.model,
    permissionMode: adjustable.permissionMode,
    includePartialMessages: true,
    // Keeps MCP servers' secrets off the command line.
    mcpServersDelivery: "initialize",
    systemPrompt:
      fixed.systemPrompt.type === "custom"
        ? fixed.systemPrompt.prompt
        : {
            type: "preset",
            preset: "claude_code",
            ...(fixed.systemPrompt.append === "" ? {} : { append: fixed.systemPrompt.append }),
          },
    ...modeOptions[fixed.mode],
    ...(fixed.bypassPermissions ? { allowDangerouslySkipPermissions: true } : {}),
    ...(adjustable.effort === null ? {} : { effort: adjustable.effort }),
    ...(fixed.maxTurns === null ? {} : { maxTurns: fixed.maxTurns }),
    ...(fixed.maxBudgetUsd === null ? {} : { maxBudgetUsd: fixed.maxBudgetUsd }),
    ...(fixed.outputFormat === null ? {} : { outputFormat: withoutVersion(fixed.outputFormat) }),
    settings: withAllowed(fixed.settings ?? {}, fixed.allowedTools),
    ...(fixed.agent === null ? {} : { agent: fixed.agent }),
    ...(fixed.disallowedTools.length === 0 ? {} : { disallowedTools: fixed.disallowedTools }),
    ...(fixed.additionalDirectories.length === 0 ? {} : { additionalDirectories: fixed.additionalDirectories }),
    mcpServers: fixed.mcpServers as NonNullable<Options["mcpServers"]>,
    extraArgs: fixed.extraArgs,
    ...(environment.claudePath === undefined ? {} : { pathToClaudeCodeExecutable: environment.claudePath }),
    ...originOptions(origin, sessionId),
  };
}

/** The CLI ends at once when it is told of a version of JSON Schema that it has no description of. */
function withoutVersion({ type, schema }: OutputFormat): OutputFormat {
  const { $schema: _, ...rest } = schema;
  return { type, schema: rest };
}

const modelEnvironment = {
  // Of a client's tools the model gets to see all or none, and nothing else.
  ENABLE_TOOL_SEARCH: "false",
  // A conversation that is too long is its client's to shorten, who would go on believing all of it.
  DISABLE_COMPACT: "1",
};

const plainEnvironment = {
  // What the CLI adds to messages by itself is for an agent at work; looking for it takes time in each turn, most of all in
  // the first (docs/decisions/0031-plain-sessions.md).
  CLAUDE_CODE_DISABLE_ATTACHMENTS: "1",
};

/**
 * A client that is asked for a call decides for itself: nobody else need be asked first. The SDK's own option for tools
 * that run without asking does the same as the setting, and warns on the standard error that nobody is asked.
 */
function withAllowed(settings: Settings, tools: readonly string[]): Settings {
  const { permissions = {} } = settings;
  return {
    ...settings,
    permissions: { ...permissions, allow: [...(permissions.allow ?? []), ...tools, `mcp__${serverName}__*`] },
  };
}

/** The CLI goes on by itself with what its transcript ends in. */
const answering = { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: "1" };

const modeOptions = {
  agent: {
    tools: { type: "preset", preset: "claude_code" },
    settingSources: ["user", "project", "local"],
  },
  model: {
    tools: [],
    settingSources: [],
    strictMcpConfig: true,
    // A client's text is text: `@/etc/passwd` in it opens no file, and `/compact` is no command.
    verbatimPrompts: true,
  },
} satisfies Record<string, Partial<Options>>;

function originOptions(origin: DriverStart["origin"], sessionId: string): Partial<Options> {
  switch (origin.type) {
    case "new":
      return { sessionId };
    case "resume":
      return { resume: sessionId };
    case "fork":
      return { resume: origin.sessionId, resumeSessionAt: origin.at, forkSession: true, sessionId };
  }
}
