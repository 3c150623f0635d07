import { createHash } from "node:crypto";
/**
 * From what a request asks of a session to how its process is started: one pure function. Two requests whose plans have
 * the same key can be answered by the same process.
 */
import type { EffortLevel, PermissionMode } from "@anthropic-ai/claude-agent-sdk";
import type { DriverName, SessionMode } from "@lodge/shared";

export type { EffortLevel, PermissionMode };

/** What a caller may ask of a session. */
export interface LaunchRequest {
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
  permissionMode?: PermissionMode | undefined;
  /** Calls of the model within one turn. */
  maxTurns?: number | undefined;
}

/** What holds for every launch of this server. */
export interface LaunchDefaults {
  model: string;
  driver: DriverName;
  permissionMode: PermissionMode;
}

export type SystemPrompt =
  | { type: "custom"; prompt: string }
  /** The CLI's own, with something after it. */
  | { type: "preset"; append: string };

/** How a process is started. Everything in `fixed` holds for its whole life. */
export interface LaunchPlan {
  readonly fixed: {
    readonly mode: SessionMode;
    readonly driver: DriverName;
    readonly cwd: string;
    readonly systemPrompt: SystemPrompt;
    readonly effort: EffortLevel | null;
    readonly maxTurns: number | null;
  };
  /** What a live process can be told to change. */
  readonly adjustable: Adjustable;
  /** Hash of `fixed`. */
  readonly key: string;
  /** Hash of what a conversation belongs to apart from its words. Conversations of different scopes never meet. */
  readonly scope: string;
}

export interface Adjustable {
  readonly model: string;
  readonly permissionMode: PermissionMode;
}

export function planLaunch(request: LaunchRequest, defaults: LaunchDefaults): LaunchPlan {
  const fixed: LaunchPlan["fixed"] = {
    mode: request.mode,
    driver: request.driver ?? defaults.driver,
    cwd: request.cwd,
    systemPrompt: systemPromptOf(request),
    effort: request.effort ?? null,
    maxTurns: request.maxTurns ?? null,
  };
  return {
    fixed,
    adjustable: {
      model: request.model ?? defaults.model,
      // A pure model has no tools to ask permission for.
      permissionMode: request.mode === "model" ? "dontAsk" : (request.permissionMode ?? defaults.permissionMode),
    },
    key: hash(fixed),
    scope: hash({ mode: fixed.mode, cwd: fixed.cwd, systemPrompt: fixed.systemPrompt }),
  };
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
