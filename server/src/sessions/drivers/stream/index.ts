/** The `stream` driver: one CLI process spoken to through the Agent SDK, token by token. */
import {
  type ModelInfo,
  type Options,
  type Query,
  query,
  type SDKMessage,
  type SDKUserMessage,
  type Settings,
} from "@anthropic-ai/claude-agent-sdk";
import { Channel } from "../../channel.ts";
import type { ClientTool } from "../../client-tools/client-tool.ts";
import { serverName } from "../../client-tools/names.ts";
import { ToolServer } from "../../client-tools/tool-server.ts";
import type { Clock } from "../../clock.ts";
import { forModel, type ToolResultBlock, type UserBlock } from "../../conversation.ts";
import { SessionError } from "../../errors.ts";
import type { SessionEvent } from "../../events.ts";
import type { Adjustable, Thinking } from "../../launch.ts";
import type { Answer } from "../../prompts.ts";
import type { Driver, DriverStart, ProcessInfo } from "../driver.ts";
import { signalGroup, spawnGroup } from "../process-group.ts";
import { Gate } from "./gate.ts";
import { sdkOptions, type StreamEnvironment } from "./options.ts";
import { HeldPermissions } from "./permissions.ts";
import { SettingsFile } from "./settings-file.ts";
import { StreamTranslator } from "./translate.ts";
import { WarmUp } from "./warm-up.ts";

/** Events held for a slow reader before the process itself is held up. */
const eventCapacity = 256;
/** Characters kept of what the process wrote last to its standard error. */
const stderrCapacity = 4000;
/** Milliseconds between two looks at whether a process has connected to the client's tools. */
const connectPollMs = 10;
/** Milliseconds that a process has to go away by itself, and then after SIGTERM, before SIGKILL. */
const graceMs = 400;

export class StreamDriver implements Driver {
  readonly ready: Promise<ProcessInfo>;
  readonly exited: Promise<number | null>;
  lastActivity: number;

  readonly #query: Query;
  /** The process knows the client's tools that it was started for. */
  readonly #offered: Promise<void>;
  readonly #input = new Channel<SDKUserMessage>(1);
  readonly #tools = new ToolServer();
  readonly #translator = new StreamTranslator((name) => this.#tools.clientName(name));
  readonly #start: DriverStart;
  readonly #permissions: HeldPermissions;
  /** Only where no hooks of others would be told of it too. */
  readonly #warmUp: WarmUp | undefined;
  readonly #clock: Clock;
  #adjusted: Adjustable;
  #pid: number | undefined;
  #initialized = false;
  #namesTurns = false;
  #stderr = "";
  #turn: CurrentTurn | undefined;
  /** The one whose reader did not wait for its result. */
  #abandoned: CurrentTurn | undefined;
  /** Set once the process is gone: no further turn can be had of it. */
  #gone: SessionError | undefined;
  #ending: Promise<void> | undefined;

  constructor(start: DriverStart, environment: StreamEnvironment, clock: Clock) {
    this.#clock = clock;
    this.#start = start;
    this.lastActivity = clock.now();
    this.#adjusted = start.plan.adjustable;
    this.#permissions = new HeldPermissions(start.onPrompts);
    this.#warmUp = start.isSpare && start.plan.fixed.mode === "model" ? new WarmUp() : undefined;
    const { origin } = start;
    if (origin.type === "resume" && origin.answering !== undefined) this.#turn = currentTurn(origin.answering, true);
    const processExit = Promise.withResolvers<number | null>();
    const options = sdkOptions(start, environment);
    const { clientTools } = start.plan.adjustable;
    const { thinking } = start.plan.adjustable;
    const gate = this.#turn && (clientTools.length > 0 || !isDefault(thinking)) ? new Gate() : undefined;
    const { settings, ...rest } = { ...options, ...(gate ? this.#startedWith(options, clientTools, gate) : {}) };
    using unstarted = new DisposableStack();
    const file = start.plan.fixed.settings === null ? undefined : unstarted.use(new SettingsFile(settings as Settings));
    this.#query = started(() =>
      query({
        prompt: this.#input,
        options: {
          ...rest,
          settings: file?.path ?? (settings as Settings),
          ...(this.#warmUp ? { hooks: this.#warmUp.hooks } : {}),
          ...(start.plan.fixed.bypassPermissions ? {} : { canUseTool: this.#permissions.ask }),
          stderr: (text) => {
            this.#stderr = (this.#stderr + text).slice(-stderrCapacity);
          },
          spawnClaudeCodeProcess: ({ command, args, cwd, env }) => {
            const child = spawnGroup({ command, args, cwd, env });
            this.#pid = child.pid;
            child.once("exit", (code) => processExit.resolve(code));
            child.once("error", () => processExit.resolve(null));
            return child;
          },
        },
      }),
    );
    const files = unstarted.move();
    this.ready = this.#initialize();
    this.#offered = this.#turn ? Promise.resolve() : this.ready.then(() => this.#equip(clientTools));
    this.#offered.catch(() => {});
    // When it never connects, the end of the process ends the wait.
    if (gate) this.#openWhenConnected(gate).catch(() => {});
    // Whoever needs to know awaits it; a process that nobody waits for may die quietly.
    this.ready.catch(() => {});
    const pumped = this.#pump();
    this.exited = pumped.then(() => (this.#pid === undefined ? null : processExit.promise));
    void this.exited.then(() => {
      files.dispose();
      return gate?.[Symbol.asyncDispose]();
    });
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  async *turn(content: readonly UserBlock[]): AsyncGenerator<SessionEvent> {
    if (this.#gone) throw this.#gone;
    // Nothing is said to an agent that is not there.
    if (this.#start.plan.fixed.agent !== null) await this.ready;
    this.#tools.show(this.#adjusted.clientTools);
    this.lastActivity = this.#clock.now();
    // The process may be at it already, since it began.
    const turn = this.#turn ?? currentTurn(crypto.randomUUID(), false);
    if (!this.#turn) {
      this.#turn = turn;
      this.#offered.then(
        () => this.#turn === turn && this.#send(turn.uuid, content),
        (error: unknown) =>
          this.#turn === turn && this.abandonTurn(error instanceof SessionError ? error : unexpected(error)),
      );
    }
    yield* turn.events;
  }

  async warmUp(): Promise<void> {
    const isClean = await this.#warmUp?.run(async () => {
      for await (const _ of this.turn([{ type: "text", text: WarmUp.text }]));
    });
    if (isClean === false) throw new SessionError("process_died", "The process took its warm-up for a message.");
  }

  async say(content: readonly UserBlock[]): Promise<void> {
    if (this.#gone) throw this.#gone;
    const uuid = crypto.randomUUID();
    this.#turn?.alsoSaid.push(uuid);
    this.#send(uuid, content);
    // Whatever goes out from now on goes out behind it: the CLI must have it before the turn goes on.
    await new Promise((resolve) => setImmediate(resolve));
  }

  giveResults(results: readonly ToolResultBlock[]): void {
    this.lastActivity = this.#clock.now();
    this.#tools.answer(results);
  }

  /** A process that begins a turn by itself has the tools that it was started with, when it has connected to them. */
  #startedWith({ mcpServers, settings }: Options, tools: readonly ClientTool[], gate: Gate): Partial<Options> {
    return {
      mcpServers: { ...mcpServers, ...this.#tools.offer(tools) },
      settings: gate.settings(settings as Settings),
    };
  }

  async #openWhenConnected(gate: Gate): Promise<void> {
    await this.ready;
    await this.#think(this.#start.plan.adjustable.thinking);
    const { clientTools } = this.#start.plan.adjustable;
    while (clientTools.length > 0 && !this.#gone && !(await this.#isConnected())) {
      using pause = this.#timeout(connectPollMs);
      await pause.passed;
    }
    gate.open();
  }

  async #isConnected(): Promise<boolean> {
    const servers = await this.#query.mcpServerStatus();
    return servers.some(
      ({ name, status, tools }) => name === serverName && status !== "pending" && tools !== undefined,
    );
  }

  /** A process is started as any other of its kind; only then it is told how to think, which it can be told again. */
  async #equip(tools: readonly ClientTool[]): Promise<void> {
    const { thinking } = this.#start.plan.adjustable;
    if (!isDefault(thinking)) await this.#think(thinking);
    await this.#offer(tools);
  }

  async #think({ budget, summarized }: Thinking): Promise<void> {
    await this.#query.setMaxThinkingTokens(budget, summarized ? "summarized" : null);
  }

  /** A turn that begins after this has these tools: the process connects to them before it answers. */
  async #offer(tools: readonly ClientTool[]): Promise<void> {
    if (tools.length === 0) return;
    const { errors } = await this.#query.setMcpServers(this.#tools.offer(tools));
    const [problem] = Object.values(errors);
    if (problem !== undefined) throw new Error(problem);
  }

  #send(uuid: Uuid, content: readonly UserBlock[]): void {
    void this.#input.push({
      type: "user",
      uuid,
      message: { role: "user", content: forModel(content) as unknown as SDKUserMessage["message"]["content"] },
      parent_tool_use_id: null,
    });
  }

  abandonTurn(error: SessionError): void {
    this.#turn?.events.fail(error);
    this.#abandoned = this.#turn;
    this.#turn = undefined;
    this.#tools.clear();
  }

  async interrupt(): Promise<void> {
    if (this.#gone) return;
    if (this.#turn) this.#turn.isInterrupted = true;
    await this.#query.interrupt();
  }

  async adjust(to: Adjustable): Promise<void> {
    const { model, permissionMode, effort, thinking, clientTools } = this.#adjusted;
    if (to.model !== model) await this.#query.setModel(to.model);
    if (to.permissionMode !== permissionMode) await this.#query.setPermissionMode(to.permissionMode);
    if (to.effort !== effort) await this.#query.applyFlagSettings({ effortLevel: to.effort });
    if (to.thinking.budget !== thinking.budget || to.thinking.summarized !== thinking.summarized)
      await this.#think(to.thinking);
    if (!sameTools(to.clientTools, clientTools)) await this.#swapTools(to.clientTools);
    this.#adjusted = to;
  }

  async #swapTools(tools: readonly ClientTool[]): Promise<void> {
    // A turn has the tools that it began with.
    if (this.#turn) throw new Error("the tools cannot be changed in mid-turn");
    const { origin, plan } = this.#start;
    if (origin.type !== "new" && plan.adjustable.clientTools.length === 0) {
      throw new Error("its transcript may hold other tools of the same names, which the model would see instead");
    }
    const { mode, mcpServers } = plan.fixed;
    const nothingElse = mode === "model" && Object.keys(mcpServers).length === 0;
    if (!this.#tools.canOffer(tools) && !(nothingElse && tools.length === 0)) {
      throw new Error("the model would go on seeing tools that are no longer offered");
    }
    // A server that stays under its name is not asked for its tools again.
    await this.#query.setMcpServers({});
    if (tools.length > 0) return this.#offer(tools);
    this.#tools.offer([]);
    this.#tools.forgetShown();
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
        const late = !own && message.type === "result" && this.#abandoned && this.#belongsTo(this.#abandoned, message);
        try {
          for (const event of this.#translator.translate(message)) {
            if (own && event.type === "result" && missed(turn, message)) {
              throw new SessionError("process_died", "The session went on without what was said beside the results.");
            }
            if (own) await turn.events.push(event);
            else if (event.type === "result" && late) this.#tellLate(event.costUsd);
            else if (event.type === "result") this.#start.onBackgroundTurn?.(event);
            if (own && event.type === "result") this.#finishTurn();
          }
        } catch (error) {
          const failure = error instanceof SessionError ? error : unexpected(error);
          if (own) this.abandonTurn(turn.isInterrupted ? interrupted(failure) : failure);
          else if (late) this.#tellLate(failure.details.costUsd ?? 0);
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

  /** Of the turn that is over, and whose end may be on its way to whoever keeps its record. */
  #tellLate(costUsd: number): void {
    if (costUsd > 0) setImmediate(() => this.#start.onLateCost?.(costUsd));
  }

  /** Whether a message is of this turn, and not of one that the CLI began by itself before it. */
  #belongsTo(turn: CurrentTurn, message: SDKMessage): boolean {
    const named = namedIn(message);
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
    this.#tools.clear();
  }

  async #initialize(): Promise<ProcessInfo> {
    try {
      const info = await this.#query.initializationResult();
      this.#requireAgent(info.agents);
      this.#initialized = true;
      this.lastActivity = this.#clock.now();
      const { account } = info;
      const loggedIn = [account.tokenSource, account.apiKeySource].find((source) => source && source !== "none");
      return {
        version: (info as { claude_code_version?: string }).claude_code_version ?? "unknown",
        account:
          loggedIn ??
          (account.apiProvider !== undefined && account.apiProvider !== "firstParty" ? account.apiProvider : null),
        models: info.models.map((model: ModelInfo & { supportsThinkingOff?: boolean }) => ({
          name: model.value,
          resolved: model.resolvedModel ?? model.value,
          displayName: model.displayName,
          description: model.description,
          thinking: {
            alwaysOn: model.supportsThinkingOff === false,
            takesBudget: model.supportsAdaptiveThinking !== true,
          },
        })),
      };
    } catch (cause) {
      throw cause instanceof SessionError ? cause : startError(cause, this.#stderr);
    }
  }

  /** The CLI itself passes over an agent that it does not know, and works as if none had been asked for. */
  #requireAgent(offered: readonly { name: string }[]): void {
    const { agent } = this.#start.plan.fixed;
    if (agent === null || offered.some(({ name }) => name === agent)) return;
    const names = offered.map(({ name }) => name).join(", ");
    throw new SessionError("invalid_request", `agent: there is no agent named ${agent} here. There are: ${names}.`);
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
  uuid: Uuid;
  /** Of messages that came while it ran: the turn must have taken them in. */
  alsoSaid: Uuid[];
  begun: boolean;
  /** Somebody asked for its end: the CLI then reports a failure that says nothing to anybody. */
  isInterrupted: boolean;
}

type Uuid = ReturnType<typeof crypto.randomUUID>;

const currentTurn = (uuid: string, begun: boolean): CurrentTurn => ({
  events: new Channel(eventCapacity),
  isInterrupted: false,
  uuid: uuid as Uuid,
  alsoSaid: [],
  begun,
});

const interrupted = (cause: SessionError): SessionError =>
  new SessionError("aborted", "The turn was interrupted.", { costUsd: cause.details.costUsd, cause });

const isDefault = ({ budget, summarized }: Thinking): boolean => budget === null && !summarized;

const sameTools = (a: readonly ClientTool[], b: readonly ClientTool[]): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

interface UserMessageEcho {
  user_message_uuid?: string;
  user_message_uuids?: string[];
}

/** The messages of ours that this one answers to; undefined when it does not say. */
function namedIn(message: SDKMessage): string[] | undefined {
  const { user_message_uuid: one, user_message_uuids: several } = message as UserMessageEcho;
  return several ?? (one === undefined ? undefined : [one]);
}

/** Whether the turn ended before it took in all that was said in it. */
const missed = (turn: CurrentTurn, result: SDKMessage): boolean => {
  const named = namedIn(result);
  return named !== undefined && turn.alsoSaid.some((uuid) => !named.includes(uuid));
};

const isTranscriptLost = (message: SDKMessage): boolean =>
  message.type === "system" && message.subtype === "session_writes_lost" && message.lost.includes("transcript");

const unexpected = (cause: unknown) => new SessionError("process_died", "The session failed unexpectedly.", { cause });

/** What is no program at all is refused at once by the system, not by the end of a process. */
function started(start: () => Query): Query {
  try {
    return start();
  } catch (cause) {
    throw startError(cause, "");
  }
}

function startError(cause: unknown, stderr: string): SessionError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/not found|ENOENT/i.test(text)) {
    return new SessionError("cli_not_found", "The claude CLI was not found. Set LODGE_CLAUDE to its path.", { cause });
  }
  return new SessionError("spawn_failed", "The claude CLI could not be started.", { cause, stderr });
}
