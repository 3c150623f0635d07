/** A client that is a whole program: run with an environment, a home and a folder of its own. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Run } from "./process.ts";
import { groupOf } from "./processes.ts";

export interface ProgramOptions {
  /** Holds `home` and `work`, made if need be. */
  folder: string;
  /** Beside the way to the machine's programs and the folders; nothing else of this machine's environment is passed on. */
  env: Record<string, string>;
  stdin?: string;
  /** Milliseconds after which it is ended. */
  withinMs?: number;
}

/** Whoever looks for updates or packages elsewhere is refused at once: nothing listens at the discard port. */
const loopbackOnly = {
  ...Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].map((name) => [name, "http://127.0.0.1:9"]),
  ),
  NO_PROXY: "127.0.0.1",
  no_proxy: "127.0.0.1",
  npm_config_fetch_retries: "0",
};

/** Runs it to its end, in `work`. Whatever it started is ended with it. */
export async function runProgram(command: string[], options: ProgramOptions): Promise<Run> {
  const child = await spawn(command, options);
  const { withinMs = 110_000 } = options;
  const timer = setTimeout(() => endGroup(child.pid), withinMs);
  try {
    const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    const code = await child.exited;
    // A child of its own that holds its output open would keep this waiting.
    endGroup(child.pid);
    const [out, err] = await output;
    return { code, out, err };
  } finally {
    clearTimeout(timer);
    endGroup(child.pid);
  }
}

/**
 * Starts one that goes on until it is disposed of; resolves with what it says when it is ready.
 *
 * @param ready its first group is what is wanted of its output
 */
export async function startProgram(
  command: string[],
  options: ProgramOptions,
  ready: RegExp,
): Promise<AsyncDisposable & { said: string }> {
  const child = await spawn(command, options);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    endGroup(child.pid);
    await child.exited;
  });
  const timer = setTimeout(() => endGroup(child.pid), options.withinMs ?? 60_000);
  const decoder = new TextDecoder();
  let out = "";
  for await (const chunk of child.stdout) {
    out += decoder.decode(chunk, { stream: true });
    const said = ready.exec(out)?.[1];
    if (said === undefined) continue;
    clearTimeout(timer);
    const owned = stack.move();
    return { said, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }
  throw new Error(`it ended before it was ready: ${out}${await new Response(child.stderr).text()}`);
}

async function spawn(command: string[], { folder, env, stdin = "" }: ProgramOptions) {
  const [home, work] = [join(folder, "home"), join(folder, "work")];
  await Promise.all([home, work].map((path) => mkdir(path, { recursive: true })));
  return Bun.spawn(command, {
    cwd: work,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, TMPDIR: folder, ...loopbackOnly, ...env },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
    // It leads a group, so that what it leaves behind can be told from everything else.
    detached: true,
  });
}

function endGroup(leader: number): void {
  for (const pid of groupOf(leader)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** The objects of an output that has one a line; lines that are none are left out. */
export function jsonLines(output: string): Record<string, unknown>[] {
  return output.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    return [JSON.parse(line) as Record<string, unknown>];
  });
}
