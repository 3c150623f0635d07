import { createHash } from "node:crypto";
/**
 * From what a request asks of a session to how its process is started: one pure function. Two requests whose plans have
 * the same key can be answered by the same process.
 */
import type {
  EffortLevel,
  McpServerConfigForProcessTransport as McpServerConfig,
  PermissionMode,
  Settings,
} from "@anthropic-ai/claude-agent-sdk";
import type { DriverName, SessionMode } from "@lodge/shared";
import type { ClientTool } from "./client-tools/client-tool.ts";
import { serverName } from "./client-tools/names.ts";
import { SessionError } from "./errors.ts";

export type { EffortLevel, PermissionMode };

/** What a caller may ask of a session. */
export interface LaunchRequest {
  /** Whose conversation it is: nobody else's goes on in it. Nobody's in particular when absent. */
  owner?: string | null | undefined;
  mode: SessionMode;
  /** Absolute path of the folder that the session works in. */
  cwd: string;
  /** An alias or a full name; the default when absent. */
  model?: string | undefined;
  driver?: DriverName | undefined;
  /** In `model` mode the whole system prompt; in `agent` mode it replaces the CLI's own. */
  systemPrompt?: string | undefined;
  /** Added after the CLI's own system prompt (`agent`) or after `systemPrompt` (`model`). */
  appendSystemPrompt?: string | undefined;
  effort?: EffortLevel | undefined;
  /** How the model thinks; as it likes when absent. */
  thinking?: Thinking | undefined;
  permissionMode?: PermissionMode | undefined;
  /** Calls of the model within one turn. */
  maxTurns?: number | undefined;
  /** Tools that run without asking, as permission rules: `Bash(git *)`. */
  allowedTools?: string[] | undefined;
  /** Tools that the model does not get to see. */
  disallowedTools?: string[] | undefined;
  /** MCP servers of the session, by the names that the server's settings give them. */
  mcpServers?: string[] | undefined;
  /** More of them, each told in full: those of the folder that the session works in. */
  folderMcpServers?: Record<string, McpServerConfig> | undefined;
  /** Tools that the client executes. Stream driver only. */
  clientTools?: readonly ClientTool[] | undefined;
  /** Absolute paths of folders that tools may work in beside `cwd`. */
  additionalDirectories?: string[] | undefined;
  /** US dollars, after which the turn is ended. Such a session serves one turn and is not kept warm. */
  maxBudgetUsd?: number | undefined;
  /** What the turn's answer must be beside its text: `structured_output` in the CLI's own result. Stream driver only. */
  outputFormat?: OutputFormat | undefined;
  /** The CLI's settings, above all that its files say. */
  settings?: Settings | undefined;
  /** The agent that leads the session; one that the CLI finds in its settings. */
  agent?: string | undefined;
  /** More options of the CLI's command line, without their dashes; null for a flag. Anybody on the machine can read them. */
  extraArgs?: Record<string, string | null> | undefined;
  /** More variables for the process. */
  env?: Record<string, string> | undefined;
}

export interface Thinking {
  /** Tokens for one call of the model, 0 for no thinking at all; null leaves it to the model, as newer ones always do. */
  readonly budget: number | null;
  /** Whether it is told in words, for somebody to read. */
  readonly summarized: boolean;
}

/** What holds for every launch of this server. */
export interface LaunchDefaults {
  model: string;
  driver: DriverName;
  permissionMode: PermissionMode;
  /** Those that a request may name. */
  mcpServers?: Record<string, McpServerConfig>;
}

export interface OutputFormat {
  type: "json_schema";
  /** A JSON Schema, handed on unchanged. */
  schema: Record<string, unknown>;
}

export type SystemPrompt =
  | { type: "custom"; prompt: string }
  /** The CLI's own, with something after it. */
  | { type: "preset"; append: string };

/** How a process is started. Everything in `fixed` holds for its whole life. */
export interface LaunchPlan {
  readonly fixed: {
    readonly owner: string | null;
    readonly mode: SessionMode;
    readonly driver: DriverName;
    readonly cwd: string;
    readonly systemPrompt: SystemPrompt;
    readonly maxTurns: number | null;
    readonly allowedTools: string[];
    readonly disallowedTools: string[];
    readonly mcpServers: Record<string, McpServerConfig>;
    readonly additionalDirectories: string[];
    readonly maxBudgetUsd: number | null;
    readonly outputFormat: OutputFormat | null;
    readonly settings: Settings | null;
    readonly agent: string | null;
    readonly extraArgs: Record<string, string | null>;
    readonly env: Record<string, string>;
    /** Whether every tool call is approved: the CLI can be told so only at its start, and does not ask anybody then. */
    readonly bypassPermissions: boolean;
  };
  /** What a live process can be told to change. */
  readonly adjustable: Adjustable;
  /** Only words are asked of a pure model: no tools, no schema, nothing of the CLI's own. */
  readonly isPlain: boolean;
  /** Hash of `fixed`. */
  readonly key: string;
  /** Hash of what a conversation belongs to apart from its words. Conversations of different scopes never meet. */
  readonly scope: string;
}

export interface Adjustable {
  readonly model: string;
  readonly permissionMode: PermissionMode;
  /** Null for the model's own default. */
  readonly effort: EffortLevel | null;
  readonly thinking: Thinking;
  readonly clientTools: readonly ClientTool[];
}

/** @throws SessionError `invalid_request` for an MCP server that is not configured, or what the driver cannot do */
export function planLaunch(request: LaunchRequest, defaults: LaunchDefaults): LaunchPlan {
  // A pure model has no tools to ask permission for.
  const permissionMode = request.mode === "model" ? "dontAsk" : (request.permissionMode ?? defaults.permissionMode);
  const fixed: LaunchPlan["fixed"] = {
    owner: request.owner ?? null,
    mode: request.mode,
    driver: request.driver ?? defaults.driver,
    cwd: request.cwd,
    systemPrompt: systemPromptOf(request),
    maxTurns: request.maxTurns ?? null,
    allowedTools: request.allowedTools ?? [],
    disallowedTools: request.disallowedTools ?? [],
    mcpServers: {
      ...request.folderMcpServers,
      ...namedServers(request.mcpServers ?? [], defaults.mcpServers ?? {}),
    },
    additionalDirectories: request.additionalDirectories ?? [],
    maxBudgetUsd: request.maxBudgetUsd ?? null,
    outputFormat: request.outputFormat ?? null,
    settings: request.settings ?? null,
    agent: request.agent ?? null,
    extraArgs: request.extraArgs ?? {},
    env: request.env ?? {},
    bypassPermissions: permissionMode === "bypassPermissions",
  };
  if (fixed.outputFormat !== null && fixed.driver === "terminal") {
    throw new SessionError(
      "invalid_request",
      "A schema for the answer is more than the terminal driver can ask for. The stream driver can.",
    );
  }
  // The CLI sorts them too: in another order they are the same tools.
  const clientTools = (request.clientTools ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  checkClientTools(clientTools, fixed);
  return {
    fixed,
    isPlain: clientTools.length === 0 && isPlain(fixed),
    adjustable: {
      model: request.model ?? defaults.model,
      permissionMode,
      effort: request.effort ?? null,
      thinking: request.thinking ?? { budget: null, summarized: false },
      clientTools,
    },
    key: hash(fixed),
    // Without an owner as it was before there were any: what is kept of those conversations is found still.
    scope: hash({
      ...(fixed.owner === null ? {} : { owner: fixed.owner }),
      mode: fixed.mode,
      cwd: fixed.cwd,
      systemPrompt: fixed.systemPrompt,
    }),
  };
}

function isPlain({ mode, mcpServers, outputFormat, settings, agent, extraArgs }: LaunchPlan["fixed"]): boolean {
  const nothing = [mcpServers, extraArgs].every((named) => Object.keys(named).length === 0);
  return mode === "model" && nothing && outputFormat === null && settings === null && agent === null;
}

function checkClientTools(tools: readonly ClientTool[], { driver, mcpServers }: LaunchPlan["fixed"]): void {
  if (tools.length === 0) return;
  if (driver === "terminal") {
    throw new SessionError(
      "invalid_request",
      "tools: the terminal driver cannot offer tools that the client executes. The stream driver can.",
    );
  }
  if (serverName in mcpServers) {
    throw new SessionError("invalid_request", `tools: an MCP server is named ${serverName}, which is kept for them.`);
  }
  const names = new Set<string>();
  for (const { name } of tools) {
    if (names.has(name))
      throw new SessionError("invalid_request", `tools: there are two named ${JSON.stringify(name)}.`);
    names.add(name);
  }
}

function namedServers(names: string[], configured: Record<string, McpServerConfig>): Record<string, McpServerConfig> {
  return Object.fromEntries(
    names.map((name) => {
      const server = configured[name];
      // Who names a server means to use it in this very turn: the CLI would go on without those that are slow to connect.
      if (server) return [name, { alwaysLoad: true, ...server }];
      const known = Object.keys(configured).join(", ") || "none";
      throw new SessionError(
        "invalid_request",
        `mcpServers: there is no server named ${name}. Configured are: ${known}.`,
      );
    }),
  );
}

function systemPromptOf(request: LaunchRequest): SystemPrompt {
  const { systemPrompt, appendSystemPrompt } = request;
  if (request.mode === "agent" && systemPrompt === undefined)
    return { type: "preset", append: appendSystemPrompt ?? "" };
  const parts = [systemPrompt, appendSystemPrompt].filter((part) => part !== undefined && part !== "");
  return { type: "custom", prompt: parts.join("\n\n") };
}

/** Key order is that of the literals above, so equal values give equal JSON. */
function hash(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
