/**
 * Threads of the CLI's runtime that compile its code and give memory back beside the thread that answers. Nothing waits
 * for them, but on a machine with few processors the scheduler takes the answering thread off its processor for them, for
 * a tenth of a warm turn: they get what it leaves (docs/decisions/0030-helper-threads.md).
 */
import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** As the kernel shows their names, cut to 15 characters. */
const helpers = new Set(["JITWorker", "mi-scavenger", "JSCWarmUp"]);
/** The least that there is, in `nice` units: it is theirs alone, what the CLI runs as a tool does not inherit it. */
const lowest = 19;

/**
 * Puts the helpers that a process has now behind all other threads; ones that it begins later are not. Takes some 0.1 ms.
 * Only Linux tells of threads; elsewhere nothing happens.
 */
export function putHelpersBehind(pid: number): void {
  if (process.platform !== "linux") return;
  try {
    for (const name of readdirSync(`/proc/${pid}/task`)) {
      const thread = Number(name);
      if (getPriority(thread) === lowest) continue;
      if (helpers.has(readFileSync(`/proc/${pid}/task/${name}/comm`, "utf8").trim())) setPriority(thread, lowest);
    }
  } catch {
    // A thread is gone meanwhile, or all of them are: the next look has the rest.
  }
}
