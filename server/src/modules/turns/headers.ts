/** The `x-claude-*` headers: what a request asks of its session beside what its wire format can say. */
import { driverName, sessionMode } from "@lodge/shared";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { listOf, toolRules } from "./header-lists.ts";

const flag = z.string().transform((value) => ["1", "true", "yes"].includes(value.toLowerCase()));
const seconds = z.coerce
  .number()
  .positive()
  .max(7 * 24 * 3600);

const schemas = {
  workspace: z.string().max(4096).describe("The folder to work in, below the workspaces root."),
  session: z
    .string()
    .min(1)
    .max(512)
    .describe("A session by its id, or by any word of one's own: the same word is the same conversation."),
  continue: flag.describe("1: goes on with the workspace's latest conversation."),
  "append-system-prompt": z.string().describe("Added after the system prompt."),
  mode: sessionMode.describe("agent: the CLI's own tools. model: no tools, the caller's system prompt only."),
  driver: driverName.describe("stream: the SDK's protocol. terminal: the interactive CLI."),
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]).describe("How much the model thinks and does."),
  "permission-mode": z
    .enum(["default", "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto"])
    .describe("What the CLI asks a person for."),
  "allowed-tools": toolRules.describe(
    "Tools that run without asking, as the CLI's permission rules: Read, Bash(git *).",
  ),
  "disallowed-tools": toolRules.describe("Tools that the model does not get to see."),
  "mcp-servers": listOf(z.string().min(1).max(64)).describe("MCP servers of LODGE_MCP_CONFIG, by name."),
  "add-dirs": listOf(z.string().min(1).max(4096)).describe("More workspaces that its tools may work in."),
  agent: z
    .string()
    // Goes onto a command line, where a dash would make an option of it.
    .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .:/@-]{0,127}$/u, "must be an agent's name")
    .describe("The agent that leads the session, by its name in the CLI's settings."),
  settings: z
    .string()
    .max(64 * 1024)
    .transform((text, context) => jsonObject(text) ?? context.addIssue("must be a JSON object") ?? z.NEVER)
    .describe(
      "Settings of the CLI, as JSON, above those of its files. For the server's token and keys that may do everything.",
    ),
  "max-turns": z.coerce.number().int().min(1).max(1000).describe("Calls of the model after which the turn ends."),
  "max-budget-usd": z.coerce.number().positive().max(10_000).describe("US dollars after which the turn ends."),
  timeout: seconds.describe("Seconds after which the turn ends."),
  "keep-running": flag.describe("1: the turn goes on when the client goes away."),
  history: z
    .enum(["native_jsonl", "concat_message"])
    .describe("How a history that is new to the server is told: as messages, or folded into the prompt."),
} as const;

type Name = keyof typeof schemas;
type Value<N extends Name> = z.infer<(typeof schemas)[N]>;

/** Also understood, from an earlier system. */
const aliases: Partial<Record<Name, string>> = { session: "x-arch-claude-cli-session" };

export interface SessionHeaders {
  workspace: string;
  session: string | undefined;
  /** Goes on with the workspace's latest conversation, unless a session is named. */
  continue: boolean;
  appendSystemPrompt: string | undefined;
  mode: Value<"mode"> | undefined;
  driver: Value<"driver"> | undefined;
  effort: Value<"effort"> | undefined;
  permissionMode: Value<"permission-mode"> | undefined;
  allowedTools: string[] | undefined;
  disallowedTools: string[] | undefined;
  mcpServers: string[] | undefined;
  /** Names of workspaces. */
  addDirs: string[] | undefined;
  agent: string | undefined;
  settings: Record<string, unknown> | undefined;
  maxTurns: number | undefined;
  maxBudgetUsd: number | undefined;
  timeoutMs: number | undefined;
  keepRunning: boolean;
  history: Value<"history"> | undefined;
}

/** @throws ApiError that names the header */
export function readSessionHeaders(headers: Headers): SessionHeaders {
  const read = <N extends Name>(name: N): Value<N> | undefined => {
    const header = `x-claude-${name}`;
    const alias = aliases[name];
    const value = headers.get(header) ?? (alias === undefined ? null : headers.get(alias));
    if (value === null || value === "") return undefined;
    const parsed = schemas[name].safeParse(value);
    if (parsed.success) return parsed.data as Value<N>;
    throw new ApiError("invalid_request", `Header ${header}: ${parsed.error.issues[0]?.message ?? "not valid"}`, {
      param: header,
    });
  };
  const timeout = read("timeout");
  return {
    workspace: read("workspace") ?? "",
    session: read("session"),
    continue: read("continue") ?? false,
    appendSystemPrompt: read("append-system-prompt"),
    mode: read("mode"),
    driver: read("driver"),
    effort: read("effort"),
    permissionMode: read("permission-mode"),
    allowedTools: read("allowed-tools"),
    disallowedTools: read("disallowed-tools"),
    mcpServers: read("mcp-servers"),
    addDirs: read("add-dirs"),
    agent: read("agent"),
    settings: read("settings"),
    maxTurns: read("max-turns"),
    maxBudgetUsd: read("max-budget-usd"),
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    keepRunning: read("keep-running") ?? false,
    history: read("history"),
  };
}

/** For the API's description. */
export const headerParameters = Object.entries(schemas).map(([name, schema]) => ({
  name: `x-claude-${name}`,
  in: "header" as const,
  required: false,
  description: schema.description ?? "",
  schema: { type: "string" as const, ...(schema instanceof z.ZodEnum ? { enum: schema.options } : {}) },
}));

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
