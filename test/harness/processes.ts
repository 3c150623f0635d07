/** Looks at processes as the kernel has them, so that nothing depends on what the server believes. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  command: string;
}

/** Every process that runs; one that has ended and only waits to be noticed is not among them. */
export function processes(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readEntry(Number(name)) ?? []);
}

/** The processes of a group that run. */
export function groupOf(leader: number): number[] {
  return processes()
    .filter(({ pid, group }) => pid === leader || group === leader)
    .map(({ pid }) => pid);
}

/** A process and everything that it and its children started. */
export function treeOf(root: number): number[] {
  const all = processes();
  const tree = [root];
  for (const pid of tree) tree.push(...all.filter(({ parent }) => parent === pid).map((child) => child.pid));
  return tree;
}

export function isAlive(pid: number): boolean {
  return readEntry(pid) !== undefined;
}

/** The kernel tells nobody but the parent of a process when it ends, so this one looks again and again. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  withinMs = 5000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await Bun.sleep(20);
  }
}

function readEntry(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything, brackets and blanks included.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parent: Number(parent), group: Number(group), command };
  } catch {
    return undefined;
  }
}
