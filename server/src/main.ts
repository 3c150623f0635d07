/** Entry: settings, server, signals. */
import packageJson from "../package.json" with { type: "json" };
import { type Config, ConfigError, helpText, readConfig } from "./config.ts";
import type { Lodge } from "./lodge.ts";

/** Milliseconds after which a shutdown that hangs is cut short. */
const shutdownLimitMs = 10_000;

async function main(args: string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return void process.stdout.write(helpText());
  if (args.includes("--version")) return void process.stdout.write(`${packageJson.version}\n`);
  const [command = "start", ...rest] = args;
  if ((command !== "start" && command !== "demo") || rest.length > 0) {
    return fail(`Unknown argument ${rest[0] ?? command}. Try --help.`);
  }
  try {
    await run(command, readConfig(process.env));
  } catch (error) {
    fail(await startMessage(error));
  }
}

async function run(command: "start" | "demo", config: Config): Promise<void> {
  // Most of the program is read only once it is known that there is something to do.
  const { createLog, demoEnvironment, startLodge } = await import("./lodge.ts");
  const log = createLog(config.logLevel);
  await using stack = new AsyncDisposableStack();
  const model = command === "demo" ? stack.use(await (await import("./demo/index.ts")).startDemoModel()) : undefined;
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

async function startMessage(error: unknown): Promise<string> {
  const { SessionError } = await import("./sessions/errors.ts");
  if (error instanceof ConfigError || error instanceof SessionError) return error.message;
  const { code = "", message, syscall } = error as NodeJS.ErrnoException;
  if (syscall === "listen" || code === "EADDRINUSE") return listenMessage(code);
  if (folderCodes.has(code))
    return `Lodge cannot keep its files there: ${message}. See LODGE_DATA and LODGE_WORKSPACES.`;
  return message;
}

/** Of the system, for a folder that cannot be made or written to. */
const folderCodes = new Set(["EACCES", "EDQUOT", "EEXIST", "ENOSPC", "ENOTDIR", "EPERM", "EROFS"]);

function listenMessage(code: string): string {
  if (code === "EADDRINUSE")
    return "LODGE_PORT: that port is taken. Stop whatever listens there, or choose another port.";
  if (code === "EACCES") return "LODGE_PORT: that port is for the system's administrator. Choose one above 1023.";
  return "LODGE_HOST: this machine has no such address. 127.0.0.1 is for itself alone, 0.0.0.0 for everybody.";
}

function fail(message: string): void {
  process.stderr.write(`lodge: ${message}\n`);
  process.exitCode = 1;
}

await main(process.argv.slice(2));
