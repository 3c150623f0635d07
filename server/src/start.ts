/** A server as a process: started, said to be ready, and stopped by signals. */
import type { Config } from "./config.ts";
import { startDemoModel } from "./demo/index.ts";
import { demoEnvironment, type Lodge, startLodge } from "./lodge.ts";
import { createLog } from "./observability/log.ts";

/** Milliseconds after which a shutdown that hangs is cut short. */
const shutdownLimitMs = 10_000;

/** @throws when a setting does not fit this machine */
export async function start(command: "start" | "demo", config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  await using stack = new AsyncDisposableStack();
  const model = command === "demo" ? stack.use(await startDemoModel()) : undefined;
  const demo = model && { env: demoEnvironment(config, model) };
  const lodge = await startLodge({ config, log, demo });
  const owned = stack.move();
  stopOnSignal(lodge, () => owned.disposeAsync());
  process.stdout.write(`Lodge is ready: ${lodge.url}/#token=${lodge.token}\n`);
}

function stopOnSignal(lodge: Lodge, release: () => Promise<void>): void {
  let stopping = false;
  const stop = () => {
    // The second time somebody means it.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), shutdownLimitMs).unref();
    void lodge
      .stop()
      .then(release)
      .then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
