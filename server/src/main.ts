/** Entry: what is asked for, and with which settings. The server itself is loaded once it is sure that one is to start. */
import packageJson from "../package.json" with { type: "json" };
import { ConfigError, helpText, readConfig } from "./config.ts";

async function main(args: string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return void process.stdout.write(helpText());
  if (args.includes("--version")) return void process.stdout.write(`${packageJson.version}\n`);
  const [command = "start", ...rest] = args;
  if ((command !== "start" && command !== "demo") || rest.length > 0) {
    return fail(`Unknown argument ${rest[0] ?? command}. Try --help.`);
  }
  try {
    const config = readConfig(process.env);
    const { start } = await import("./start.ts");
    await start(command, config);
  } catch (error) {
    fail(startMessage(error));
  }
}

function startMessage(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
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
