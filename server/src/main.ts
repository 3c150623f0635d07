/** Entry: settings, server, signals. */
import { type Config, ConfigError, helpText, readConfig } from "./config.ts";
import { startDemoModel } from "./demo/index.ts";
import { demoEnvironment, type Lodge, startLodge, version } from "./lodge.ts";
import { createLog } from "./observability/log.ts";
import { SessionError } from "./sessions/index.ts";

/** Milliseconds after which a shutdown that hangs is cut short. */
const shutdownLimitMs = 10_000;

async function main(args: string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return void process.stdout.write(helpText());
  if (args.includes("--version")) return void process.stdout.write(`${version}\n`);
  const [command = "start", ...rest] = args;
  if ((command !== "start" && command !== "demo") || rest.length > 0) {
    return fail(`Unknown argument ${rest[0] ?? command}. Try --help.`);
  }
  try {
    await run(command, readConfig(process.env));
  } catch (error) {
    fail(startMessage(error));
  }
}

async function run(command: "start" | "demo", config: Config): Promise<void> {
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

function startMessage(error: unknown): string {
  if (error instanceof ConfigError || error instanceof SessionError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return "LODGE_PORT: that port is taken. Stop whatever listens there, or choose another port.";
  if (code === "EACCES" || code === "EROFS") return `Lodge cannot write where it must: ${message}`;
  return message;
}

function fail(message: string): void {
  process.stderr.write(`lodge: ${message}\n`);
  process.exitCode = 1;
}

await main(process.argv.slice(2));
