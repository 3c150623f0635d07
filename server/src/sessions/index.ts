/**
 * The session library: real `claude` sessions, kept warm, found again by what was said in them. Usable without the
 * server. Its examples are run by the tests.
 *
 * @example
 * ```ts
 * import { createSessions } from "@lodge/server/sessions";
 *
 * await using sessions = createSessions();
 * for await (const event of sessions.complete([{ role: "user", content: "Hello" }], { mode: "model" })) {
 *   if (event.type === "block_delta" && event.delta.type === "text") process.stdout.write(event.delta.text);
 * }
 * ```
 */
import type { Database } from "bun:sqlite";
import { homedir } from "node:os";
import { join } from "node:path";
import { findClaude } from "./claude-path.ts";
import { systemClock } from "./clock.ts";
import type { StartDriver } from "./drivers/driver.ts";
import type { StreamDriver } from "./drivers/stream/index.ts";
import { TerminalDriver } from "./drivers/terminal/index.ts";
import { childEnvironment } from "./environment.ts";
import type { LaunchDefaults } from "./launch.ts";
import { SessionManager, type SessionManagerOptions } from "./manager.ts";

export { Channel } from "./channel.ts";
export { findClaude } from "./claude-path.ts";
export { asReminder, type CallRules } from "./client-tools/choice.ts";
export type { CompleteOptions, Said } from "./complete.ts";
export { Content, parseInput } from "./content.ts";
export type { ClientTool, ToolChoice } from "./client-tools/client-tool.ts";
export {
  type AssistantBlock,
  type DocumentBlock,
  type ImageBlock,
  type Message,
  type TextBlock,
  textOf,
  type UserBlock,
} from "./conversation.ts";
export type { ModelDescription, ProcessInfo } from "./drivers/driver.ts";
export { SessionError, type SessionErrorKind } from "./errors.ts";
export { addUsage, noUsage } from "./events.ts";
export type { BlockDelta, BlockStart, SessionEvent, StopReason, Usage } from "./events.ts";
export type { EffortLevel, LaunchDefaults, LaunchRequest, OutputFormat, PermissionMode, Thinking } from "./launch.ts";
export type { SessionSnapshot } from "./live-session.ts";
export { charactersPerToken, estimateTokens } from "./meter.ts";
export type { SessionChange } from "./audience.ts";
export { SessionManager } from "./manager.ts";
export type { Turn, TurnRequest } from "./turn-runner.ts";
export type { LiveProcess, SessionObserver } from "./observer.ts";
export type { DriverTerminal } from "./drivers/driver.ts";
export type { HistoryInjection } from "./acquire.ts";
export type { Answer, Prompt } from "./prompts.ts";
export { TranscriptFile, type TranscriptLine } from "./transcripts/file.ts";
export { LineSplitter } from "./transcripts/lines.ts";
export type { TranscriptRecord } from "./transcripts/tail.ts";
export { Reply, type ReplyEvent } from "./reply.ts";
export { type EarlyEnd, Structured } from "./structured.ts";

export interface SessionsOptions extends Partial<
  Omit<SessionManagerOptions, "startDriver" | "defaults" | "configDir">
> {
  defaults?: Partial<LaunchDefaults>;
  /** Variables for the CLI's process beyond the allow-list, or instead of what it would pass on. */
  env?: Record<string, string> | undefined;
  /** False keeps this process's own account and CLI settings from the CLI; `env` then says what it logs in with. */
  inheritAccount?: boolean;
  /** Path of the CLI; the one shipped with the Agent SDK when absent. */
  claudePath?: string | undefined;
  /** Whether the interactive CLI may take the folders that sessions work in for trusted, as the stream driver does. */
  trustWorkspaces?: boolean;
  /** Told of a record of a transcript that could not be read and was skipped. */
  onTranscriptProblem?: (problem: string) => void;
  /** Kept in this database; in memory, and so gone at the end, when absent. */
  database?: Database;
}

/**
 * A session manager that runs real CLI processes. Dispose of it to end them all.
 *
 * @example
 * ```ts
 * import { createSessions } from "@lodge/server/sessions";
 *
 * // Two processes at most, one of them waiting for the next new conversation, each ended after a minute with nothing to do.
 * await using sessions = createSessions({ maxLive: 2, spares: 1, idleMs: 60_000, defaults: { model: "haiku" } });
 * sessions.prepare({ mode: "model", cwd: "." });
 * ```
 */
export function createSessions(options: SessionsOptions = {}): SessionManager {
  const {
    defaults,
    env: overrides,
    inheritAccount = true,
    claudePath,
    trustWorkspaces = true,
    onTranscriptProblem,
    ...rest
  } = options;
  const clock = options.clock ?? systemClock;
  const env = childEnvironment(process.env, { account: inheritAccount, overrides });
  const configDir = env["CLAUDE_CONFIG_DIR"] ?? join(env["HOME"] ?? homedir(), ".claude");
  const startDriver: StartDriver = (start) =>
    start.plan.fixed.driver === "stream"
      ? new (loadStreamDriver())(start, { env, claudePath }, clock)
      : new TerminalDriver(
          start,
          {
            env,
            claudePath: findClaude(claudePath),
            configDir,
            ownConfig: !inheritAccount,
            trustWorkspace: trustWorkspaces,
            ...(onTranscriptProblem === undefined ? {} : { onTranscriptProblem }),
          },
          clock,
        );
  return new SessionManager({
    maxLive: 4,
    queueLimit: 64,
    sessionQueueLimit: 64,
    spares: 0,
    idleMs: 600_000,
    watchdogMs: 120_000,
    answerMs: 300_000,
    holdMs: 14_400_000,
    ...rest,
    startDriver,
    configDir,
    defaults: { model: "sonnet", driver: "stream", permissionMode: "default", ...defaults },
  });
}

/** Comes with the Agent SDK, which takes a fifth of a second to load: nobody waits for it before there is a process to start. */
function loadStreamDriver(): typeof StreamDriver {
  const module = require("./drivers/stream/index.ts") as { StreamDriver: typeof StreamDriver };
  return module.StreamDriver;
}
