/**
 * Files that ripgrep says are worth a look. It reads by path, so what it says is a hint and nothing more: whoever uses it
 * opens each file through the jail, and shows what is read there.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Wanted {
  /** A part of a line that is in them. */
  text: string;
  ignoreCase: boolean;
  /** Names of folders that nobody means. */
  skipped: readonly string[];
  /** Folders within folders. */
  depth: number;
}

/** It could not be started, or could not do what it was asked for. */
export class RipgrepError extends Error {
  override readonly name = "RipgrepError";
}

/** Bytes of one path; longer ones there are none. */
const maxPath = 64 * 1024;

/**
 * Paths below `cwd`, in no order. Ending early ends the program.
 *
 * @throws RipgrepError
 */
export async function* ripgrep(
  program: string,
  cwd: string,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const child = spawn(program, argumentsOf(wanted), { cwd, env: {}, stdio: ["pipe", "pipe", "ignore"] });
  // Not on its command line, which every user of the machine can read. It may be gone before it has read it.
  child.stdin.on("error", () => {}).end(wanted.text);
  const ended = once(child, "close") as Promise<[number | null]>;
  ended.catch(() => {});
  const end = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    await once(child, "spawn").catch((cause: unknown) => {
      throw new RipgrepError("ripgrep could not be started.", { cause });
    });
    let rest = "";
    child.stdout.setEncoding("utf8");
    for await (const piece of child.stdout as AsyncIterable<string>) {
      const paths = (rest + piece).split("\0");
      rest = paths.pop() ?? "";
      if (rest.length > maxPath) throw new RipgrepError("ripgrep said something that is no path.");
      for (const path of paths) yield path.replace(/^\.\//, "");
    }
    const [code] = await ended;
    // 1: nothing found. 2: some of it could not be read, which is no more than the jail would say.
    if (code !== null && code > 2) throw new RipgrepError(`ripgrep ended with code ${code}.`);
  } finally {
    signal.removeEventListener("abort", end);
    end();
    await ended.catch(() => {});
  }
}

/** What it may find elsewhere, in settings and lists of what to ignore, makes no difference. */
function argumentsOf({ ignoreCase, skipped, depth }: Wanted): string[] {
  return [
    "--no-config",
    "--no-messages",
    "--no-ignore",
    "--hidden",
    "--null",
    `--max-depth=${depth}`,
    ...skipped.map((name) => `--glob=!**/${name}`),
    "--files-with-matches",
    "--fixed-strings",
    ignoreCase ? "--ignore-case" : "--case-sensitive",
    "--file=-",
    "--",
    "./",
  ];
}
