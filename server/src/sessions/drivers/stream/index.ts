/** The `stream` driver: one CLI process spoken to through the Agent SDK, token by token. */
import { type Query, query, type SDKMessage, type SDKUserMessage } from "@anthropic-ai/claude-agent-sdk";
import { Channel } from "../../channel.ts";
import type { Clock } from "../../clock.ts";
import type { UserBlock } from "../../conversation.ts";
import { SessionError } from "../../errors.ts";
import type { SessionEvent } from "../../events.ts";
import type { Adjustable } from "../../launch.ts";
import type { Answer } from "../../prompts.ts";
import type { Driver, DriverStart, ProcessInfo } from "../driver.ts";
import { signalGroup, spawnGroup } from "../process-group.ts";
import { sdkOptions, type StreamEnvironment } from "./options.ts";
import { HeldPermissions } from "./permissions.ts";
import { StreamTranslator } from "./translate.ts";

/** Events held for a slow reader before the process itself is held up. */
const eventCapacity = 256;
/** Characters kept of what the process wrote last to its standard error. */
const stderrCapacity = 4000;
/** Milliseconds that a process has to go away by itself, and then after SIGTERM, before SIGKILL. */
const graceMs = 400;

export class StreamDriver implements Driver {
  readonly ready: Promise<ProcessInfo>;
  readonly exited: Promise<void>;
  lastActivity: number;

  readonly #query: Query;
  readonly #input = new Channel<SDKUserMessage>(1);
  readonly #translator = new StreamTranslator();
  readonly #start: DriverStart;
  readonly #permissions: HeldPermissions;
  readonly #clock: Clock;
  #adjusted: Adjustable;
  #pid: number | undefined;
  #initialized = false;
  #namesTurns = false;
  #stderr = "";
  #turn: CurrentTurn | undefined;
  /** Set once the process is gone: no further turn can be had of it. */
  #gone: SessionError | undefined;
  #ending: Promise<void> | undefined;

  constructor(start: DriverStart, environment: StreamEnvironment, clock: Clock) {
    this.#clock = clock;
    this.#start = start;
    this.lastActivity = clock.now();
    this.#adjusted = start.plan.adjustable;
    this.#permissions = new HeldPermissions(start.onPrompts);
    const processExit = Promise.withResolvers<void>();
    this.#query = query({
      prompt: this.#input,
      options: {
        ...sdkOptions(start, environment),
        ...(start.plan.fixed.bypassPermissions ? {} : { canUseTool: this.#permissions.ask }),
        stderr: (text) => {
          this.#stderr = (this.#stderr + text).slice(-stderrCapacity);
        },
        spawnClaudeCodeProcess: ({ command, args, cwd, env }) => {
          const child = spawnGroup({ command, args, cwd, env });
          this.#pid = child.pid;
          child.once("exit", () => processExit.resolve());
          child.once("error", () => processExit.resolve());
          return child;
        },
      },
    });
    this.ready = this.#initialize();
    // Whoever needs to know awaits it; a process that nobody waits for may die quietly.
    this.ready.catch(() => {});
    const pumped = this.#pump();
    this.exited = pumped.then(() => (this.#pid === undefined ? undefined : processExit.promise));
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  async *turn(content: readonly UserBlock[]): AsyncGenerator<SessionEvent> {
    if (this.#gone) throw this.#gone;
    const turn: CurrentTurn = { events: new Channel(eventCapacity), uuid: crypto.randomUUID(), begun: false };
    this.#turn = turn;
    this.lastActivity = this.#clock.now();
    void this.#input.push({
      type: "user",
      uuid: turn.uuid,
      message: { role: "user", content: content as unknown as SDKUserMessage["message"]["content"] },
      parent_tool_use_id: null,
    });
    yield* turn.events;
  }

  abandonTurn(error: SessionError): void {
    this.#turn?.events.fail(error);
    this.#turn = undefined;
  }

  async interrupt(): Promise<void> {
    if (this.#gone) return;
    await this.#query.interrupt();
  }

  async adjust(to: Adjustable): Promise<void> {
    const { model, permissionMode } = this.#adjusted;
    if (to.model !== model) await this.#query.setModel(to.model);
    if (to.permissionMode !== permissionMode) await this.#query.setPermissionMode(to.permissionMode);
    this.#adjusted = to;
  }

  async answer(promptId: string, answer: Answer): Promise<void> {
    this.#permissions.answer(promptId, answer);
  }

  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#gone ??= new SessionError("process_died", "The session was ended.");
    // The end of its input is how the CLI is told to go; it then writes the rest of its transcript.
    this.#input.close();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      using timer = this.#timeout(graceMs);
      if ((await Promise.race([this.exited, timer.passed])) !== "passed") break;
      if (this.#pid !== undefined) signalGroup(this.#pid, signal);
    }
    await this.exited;
    this.#query.close();
  }

  /** Hands every message of the process to the turn that is under way, as fast as its reader takes them. */
  async #pump(): Promise<void> {
    let cause: unknown;
    try {
      for await (const message of this.#query) {
        this.lastActivity = this.#clock.now();
        if (isTranscriptLost(message)) this.#start.onTranscriptLost?.();
        const turn = this.#turn;
        const own = turn !== undefined && this.#belongsTo(turn, message);
        try {
          for (const event of this.#translator.translate(message)) {
            if (own) await turn.events.push(event);
            else if (event.type === "result") this.#start.onBackgroundTurn?.(event);
            if (own && event.type === "result") this.#finishTurn();
          }
        } catch (error) {
          if (own) this.abandonTurn(error instanceof SessionError ? error : unexpected(error));
        }
      }
    } catch (error) {
      cause = error;
    }
    this.#gone ??= this.#initialized
      ? new SessionError("process_died", "The process behind this session ended unexpectedly.", {
          stderr: this.#stderr,
          cause,
        })
      : startError(cause, this.#stderr);
    this.abandonTurn(this.#gone);
  }

  /** Whether a message is of this turn, and not of one that the CLI began by itself before it. */
  #belongsTo(turn: CurrentTurn, message: SDKMessage): boolean {
    const { user_message_uuid: one, user_message_uuids: several } = message as UserMessageEcho;
    const named = several ?? (one === undefined ? undefined : [one]);
    this.#namesTurns ||= named !== undefined;
    if (message.type === "result") return named ? named.includes(turn.uuid) : message.origin === undefined;
    // A CLI that never names the message it answers to is too old to be told apart from itself.
    const begins = message.type === "system" && message.subtype === "init" && !this.#namesTurns;
    turn.begun ||= named?.includes(turn.uuid) ?? begins;
    return turn.begun;
  }

  #finishTurn(): void {
    this.#turn?.events.close();
    this.#turn = undefined;
  }

  async #initialize(): Promise<ProcessInfo> {
    try {
      const info = await this.#query.initializationResult();
      this.#initialized = true;
      this.lastActivity = this.#clock.now();
      const { account } = info;
      const loggedIn = [account.tokenSource, account.apiKeySource].find((source) => source && source !== "none");
      return {
        version: (info as { claude_code_version?: string }).claude_code_version ?? "unknown",
        account:
          loggedIn ??
          (account.apiProvider !== undefined && account.apiProvider !== "firstParty" ? account.apiProvider : null),
        models: info.models.map((model) => ({
          name: model.value,
          resolved: model.resolvedModel ?? model.value,
          displayName: model.displayName,
          description: model.description,
        })),
      };
    } catch (cause) {
      throw startError(cause, this.#stderr);
    }
  }

  #timeout(ms: number): Disposable & { passed: Promise<"passed"> } {
    const { promise, resolve } = Promise.withResolvers<"passed">();
    const timer = this.#clock.after(ms, () => resolve("passed"));
    return { passed: promise, [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }
}

/** A turn that this process was asked for. */
interface CurrentTurn {
  events: Channel<SessionEvent>;
  /** Of the user message that began it; the CLI names it in what answers to it. */
  uuid: ReturnType<typeof crypto.randomUUID>;
  begun: boolean;
}

interface UserMessageEcho {
  user_message_uuid?: string;
  user_message_uuids?: string[];
}

const isTranscriptLost = (message: SDKMessage): boolean =>
  message.type === "system" && message.subtype === "session_writes_lost" && message.lost.includes("transcript");

const unexpected = (cause: unknown) => new SessionError("process_died", "The session failed unexpectedly.", { cause });

function startError(cause: unknown, stderr: string): SessionError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/not found|ENOENT/i.test(text)) {
    return new SessionError("cli_not_found", "The claude CLI was not found. Set LODGE_CLAUDE to its path.", { cause });
  }
  return new SessionError("spawn_failed", "The claude CLI could not be started.", { cause, stderr });
}
