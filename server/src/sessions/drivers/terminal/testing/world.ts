/** The real CLI on a terminal against the scripted model, in a home and a config folder of its own. */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoModel, type DemoRequest, startDemoModel } from "@lodge/server/demo";
import { findClaude } from "../../../claude-path.ts";
import { systemClock } from "../../../clock.ts";
import type { UserBlock } from "../../../conversation.ts";
import type { SessionEvent } from "../../../events.ts";
import { type LaunchRequest, planLaunch } from "../../../launch.ts";
import type { Prompt } from "../../../prompts.ts";
import type { Driver, Origin } from "../../driver.ts";
import { TerminalDriver, type TerminalEnvironment } from "../index.ts";

export interface Started {
  driver: TerminalDriver;
  sessionId: string;
  /** What was announced last. */
  prompts: readonly Prompt[];
  backgroundTurns: number;
}

export class World implements AsyncDisposable {
  readonly requests: DemoRequest[] = [];
  readonly #drivers = new Set<Driver>();

  private constructor(
    readonly root: string,
    readonly model: DemoModel,
  ) {}

  static async create(): Promise<World> {
    const root = await realpath(await mkdtemp(join(tmpdir(), "terminal-driver-")));
    await Promise.all(["home", "config", "work", "tmp"].map((folder) => mkdir(join(root, folder))));
    const requests: DemoRequest[] = [];
    const model = await startDemoModel({ onRequest: (request) => requests.push(request) });
    const world = new World(root, model);
    Object.assign(world, { requests });
    return world;
  }

  get work(): string {
    return join(this.root, "work");
  }

  get configDir(): string {
    return join(this.root, "config");
  }

  get env(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      HOME: join(this.root, "home"),
      TMPDIR: join(this.root, "tmp"),
      CLAUDE_CONFIG_DIR: this.configDir,
      ANTHROPIC_BASE_URL: this.model.url,
      ANTHROPIC_API_KEY: this.model.apiKey,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_MAX_RETRIES: "0",
      CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: "1",
      CLAUDE_CODE_DISABLE_REFUSAL_RETRY: "1",
      DISABLE_AUTOUPDATER: "1",
      IS_SANDBOX: "1",
      // It lives for seconds: neither is garbage worth looking for, nor code worth compiling for speed. Its model speaks no TLS.
      BUN_GC_TIMER_DISABLE: "1",
      BUN_JSC_useDFGJIT: "0",
      CLAUDE_CODE_CERT_STORE: "bundled",
    };
  }

  plan(request: Partial<LaunchRequest> = {}) {
    return planLaunch(
      { mode: "model", cwd: this.work, systemPrompt: "Be the demo.", ...request },
      { model: "sonnet", driver: "terminal", permissionMode: "default" },
    );
  }

  start(
    request: Partial<LaunchRequest> = {},
    more: { origin?: Origin; sessionId?: string } & Partial<TerminalEnvironment> = {},
  ): Started {
    const { origin = { type: "new" }, sessionId = crypto.randomUUID(), ...environment } = more;
    const started = { sessionId, prompts: [], backgroundTurns: 0 } as Omit<Started, "driver">;
    const driver = new TerminalDriver(
      {
        plan: this.plan(request),
        sessionId,
        origin,
        onPrompts: (prompts) => {
          started.prompts = prompts;
        },
        onBackgroundTurn: () => {
          started.backgroundTurns++;
        },
      },
      {
        env: this.env,
        claudePath: findClaude(undefined),
        configDir: this.configDir,
        ownConfig: true,
        trustWorkspace: true,
        ...environment,
      },
      systemClock,
    );
    this.own(driver);
    return Object.assign(started, { driver });
  }

  /** Ends it with the world, whatever becomes of the test. */
  own(driver: Driver): void {
    this.#drivers.add(driver);
    void driver.exited.then(() => this.#drivers.delete(driver));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#drivers].map((driver) => driver.end()));
    await this.model.stop();
    await rm(this.root, { recursive: true, force: true });
  }
}

export async function say(driver: Driver, input: string | UserBlock[]): Promise<SessionEvent[]> {
  const blocks: UserBlock[] = typeof input === "string" ? [{ type: "text", text: input }] : input;
  return await Array.fromAsync(driver.turn(blocks));
}

export const resultOf = (events: readonly SessionEvent[]) => {
  const result = events.at(-1);
  if (result?.type !== "result") throw new Error("the turn has no result");
  return result;
};

export const textOf = (events: readonly SessionEvent[]): string => resultOf(events).text;

/** Milliseconds after which a condition is given up. */
const patience = 15_000;

/** Resolves as soon as the condition holds, looked at again and again. */
export async function until<T>(condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${patience} ms: ${String(condition)}`);
    await Bun.sleep(5);
  }
}

/** What a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
