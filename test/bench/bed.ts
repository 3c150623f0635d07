/** What all rows share: one model process, servers in processes of their own, one folder that is gone at the end. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoEnvironment, readConfig } from "@lodge/server/lodge";
import { findClaude } from "@lodge/server/sessions";
import type { DriverStart } from "../../server/src/sessions/drivers/driver.ts";
import { sdkOptions } from "../../server/src/sessions/drivers/stream/options.ts";
import { childEnvironment } from "../../server/src/sessions/environment.ts";
import { planLaunch } from "../../server/src/sessions/launch.ts";
import { startChild } from "./child.ts";
import { LodgeClient } from "./lodge-client.ts";
import { modelName, type Prompt, systemPrompt } from "./prompt.ts";

export class Bed implements AsyncDisposable {
  readonly root: string;
  /** What the CLI's process gets where no server stands between. */
  readonly cliEnv: Record<string, string>;
  readonly cliPath: string;
  /** Where it works. */
  readonly workspace: string;
  readonly #model: { url: string; apiKey: string };
  readonly #arrivals: () => Promise<Record<string, number>>;
  readonly #stack: AsyncDisposableStack;
  readonly #children = new Set<Bun.Subprocess>();
  #marks = 0;
  #disposal: Promise<void> | undefined;

  private constructor(
    root: string,
    workspace: string,
    model: { url: string; apiKey: string },
    arrivals: () => Promise<Record<string, number>>,
    stack: AsyncDisposableStack,
  ) {
    this.root = root;
    this.workspace = workspace;
    this.#model = model;
    this.#arrivals = arrivals;
    this.#stack = stack;
    stack.defer(async () => {
      for (const child of this.#children) child.kill("SIGTERM");
      await Promise.all([...this.#children].map((child) => child.exited));
    });
    this.cliPath = findClaude(undefined);
    const config = readConfig({ LODGE_DATA: join(root, "direct") });
    this.cliEnv = childEnvironment(this.cleanEnv(), { account: false, overrides: demoEnvironment(config, model) });
  }

  static async make(): Promise<Bed> {
    await using stack = new AsyncDisposableStack();
    const root = await realpath(await mkdtemp(join(tmpdir(), "lodge-bench-")));
    // A CLI that has just been told to go may still write its last words.
    stack.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
    const workspace = join(root, "workspace");
    await Promise.all([workspace, join(root, "tmp"), join(root, "home")].map((path) => mkdir(path)));
    const model = stack.use(
      await startChild<{ url: string; apiKey: string }>("model-process.ts", cleanEnvironment(root)),
    );
    return new Bed(root, workspace, model.ready, () => model.ask("arrivals"), stack.move());
  }

  /** An environment with nothing in it that could differ from one machine to the next. */
  cleanEnv(): Record<string, string> {
    return cleanEnvironment(this.root);
  }

  /** A server with its own data folder. Ended with the bed. */
  async server(name: string, settings: Record<string, string>): Promise<LodgeClient> {
    const child = this.#stack.use(
      await startChild<{ url: string; token: string }>("server-process.ts", {
        ...this.cleanEnv(),
        LODGE_DATA: join(this.root, name),
        LODGE_PORT: "0",
        LODGE_LOG_LEVEL: "error",
        LODGE_MAX_LIVE: "8",
        LODGE_SPARES: "0",
        ...settings,
        BENCH_MODEL_URL: this.#model.url,
        BENCH_MODEL_KEY: this.#model.apiKey,
      }),
    );
    const client = new LodgeClient(child.ready);
    await client.settled();
    return client;
  }

  /** A server that does nothing but hand a message to the Agent SDK and its answer on. Ended with the bed. */
  async leastServer(): Promise<LodgeClient> {
    const child = this.#stack.use(
      await startChild<{ url: string }>("least-server.ts", {
        ...this.cleanEnv(),
        BENCH_SDK_OPTIONS: JSON.stringify(this.sdkOptions()),
      }),
    );
    return new LodgeClient({ url: child.ready.url, token: "" });
  }

  /** A process of one sample: whatever happens, it does not outlive the bed. */
  own<P extends Bun.Subprocess>(child: P): P {
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    return child;
  }

  /** What a server's driver is told, for a process that no server stands before. */
  driverStart(): DriverStart {
    const plan = planLaunch(
      { mode: "model", cwd: this.workspace, model: modelName, systemPrompt },
      { model: modelName, driver: "stream", permissionMode: "dontAsk" },
    );
    return { plan, sessionId: crypto.randomUUID(), origin: { type: "new" }, onPrompts: () => {} };
  }

  /** The options with which a server starts the CLI in `model` mode, made by the server's own code. */
  sdkOptions(claudePath = this.cliPath) {
    return sdkOptions(this.driverStart(), { env: this.cliEnv, claudePath });
  }

  /** One that was never used before. */
  prompt(): Prompt {
    const mark = `mark-${++this.#marks}`;
    return { mark, text: `echo: ${mark}` };
  }

  /** Path of a program that stands in for the CLI. */
  async instantCli(): Promise<string> {
    const path = join(this.root, "instant-cli");
    const script = join(import.meta.dir, "instant-cli.ts");
    if (!existsSync(path)) {
      await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`, { mode: 0o700 });
    }
    return path;
  }

  /** When the request with this mark reached the model. */
  async arrivalOf(mark: string): Promise<number | undefined> {
    return (await this.#arrivals())[mark];
  }

  /** Whoever calls it, and how often: each waits until everything is gone. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#disposal ??= this.#stack.disposeAsync());
  }
}

function cleanEnvironment(root: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: join(root, "home"), TMPDIR: join(root, "tmp"), LANG: "C.UTF-8" };
}
