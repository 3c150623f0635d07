/** One CLI process driven by the Agent SDK directly: what there is without a server, and so what a server is measured by. */
import {
  type Options,
  prewarm,
  type Query,
  query,
  type SDKMessage,
  type SDKUserMessage,
  type SpawnedProcess,
} from "@anthropic-ai/claude-agent-sdk";
import { Channel } from "@lodge/server/sessions";
import { signalGroup, spawnGroup } from "../../server/src/sessions/drivers/process-group.ts";
import type { Bed } from "./bed.ts";
import { now } from "./clock.ts";
import type { Prompt } from "./prompt.ts";

/** Milliseconds that a process has to go after the end of its input. */
const graceMs = 2000;

export interface SdkTurn {
  ms: number;
  sentAt: number;
}

export class SdkClient implements AsyncDisposable {
  readonly #input: Channel<SDKUserMessage>;
  readonly #query: Query;
  readonly #messages: AsyncIterator<Awaited<ReturnType<Query["next"]>>["value"]>;
  readonly #process: OwnProcess;

  private constructor(input: Channel<SDKUserMessage>, started: Query, own: OwnProcess) {
    this.#input = input;
    this.#query = started;
    this.#messages = started[Symbol.asyncIterator]();
    this.#process = own;
  }

  /** Starts a process and waits for nothing. */
  static start(options: Options): SdkClient {
    const input = new Channel<SDKUserMessage>(1);
    const own = new OwnProcess();
    const started = query({ prompt: input, options: { ...options, spawnClaudeCodeProcess: own.spawn } });
    return new SdkClient(input, started, own);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the process has told what it is. */
  async initialized(): Promise<void> {
    await this.#query.initializationResult();
  }

  /**
   * One turn to its end.
   *
   * @param sentAt where the clock started, when not with this call
   */
  async turn(prompt: Prompt, sentAt: number = now()): Promise<SdkTurn> {
    let firstAt: number | undefined;
    for await (const message of this.messages(prompt.text)) {
      if (message.type === "stream_event" && firstAt === undefined) {
        const { event } = message;
        if (event.type === "content_block_delta" && event.delta.type === "text_delta") firstAt = now();
      }
      if (message.type !== "result") continue;
      if (message.subtype !== "success" || message.result !== prompt.mark || firstAt === undefined) {
        throw new Error(`not the answer to ${prompt.mark}: ${JSON.stringify(message)}`);
      }
      return { ms: firstAt - sentAt, sentAt };
    }
    throw new Error("the process ended in mid-turn");
  }

  /** One turn to its end, whatever it says. */
  async run(text: string): Promise<void> {
    for await (const message of this.messages(text)) {
      if (message.type === "result" && message.subtype !== "success") {
        throw new Error(`the turn failed: ${JSON.stringify(message)}`);
      }
    }
  }

  /** What the process says to one message, its result last. */
  async *messages(text: string): AsyncGenerator<SDKMessage> {
    void this.#input.push({
      type: "user",
      message: { role: "user", content: [{ type: "text", text }] },
      parent_tool_use_id: null,
    });
    for (;;) {
      const { value: message, done } = await this.#messages.next();
      if (done || !message) throw new Error("the process ended in mid-turn");
      yield message;
      if (message.type === "result") return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#input.close();
    await this.#process.end();
    this.#query.close();
  }

  /** A process that the SDK starts before it is known what for; `claim` makes a client of it. */
  static async prewarm(bed: Bed): Promise<{ claim(): SdkClient } & AsyncDisposable> {
    const { cwd = bed.workspace, model, permissionMode, sessionId: _id, ...host } = bed.sdkOptions();
    const own = new OwnProcess();
    const spare = await prewarm({ options: { ...host, spawnClaudeCodeProcess: own.spawn } });
    spare.claimed.catch(() => {});
    return {
      claim() {
        const input = new Channel<SDKUserMessage>(1);
        const options = {
          cwd,
          ...(model === undefined ? {} : { model }),
          ...(permissionMode === undefined ? {} : { permissionMode }),
        };
        return new SdkClient(input, spare.claim({ prompt: input, options }), own);
      },
      async [Symbol.asyncDispose]() {
        spare.close();
        await own.end();
      },
    };
  }
}

/** The one process that an SDK call starts, in a group of its own as the server's are, so that nothing of it is left. */
class OwnProcess {
  #pid: number | undefined;
  #exited: Promise<void> = Promise.resolve();

  get pid(): number | undefined {
    return this.#pid;
  }

  readonly spawn = (options: {
    command: string;
    args: string[];
    cwd?: string;
    env: Record<string, string | undefined>;
  }): SpawnedProcess => {
    const { command, args, cwd, env } = options;
    const child = spawnGroup({ command, args, cwd, env });
    this.#pid = child.pid;
    this.#exited = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    return child;
  };

  async end(): Promise<void> {
    const timer = setTimeout(() => {
      if (this.#pid !== undefined) signalGroup(this.#pid, "SIGKILL");
    }, graceMs);
    await this.#exited;
    clearTimeout(timer);
  }
}
