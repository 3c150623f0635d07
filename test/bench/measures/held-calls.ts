/**
 * What it costs to hold calls open: the CPU time of the server and of all that it started while a client has forty calls of
 * one reply to answer, beside the same server and process while nobody asks anything.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { spawnLodge } from "../../harness/process.ts";
import { treeOf } from "../../harness/processes.ts";
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import { LodgeClient } from "../lodge-client.ts";

const calls = 40;
export interface HeldAmount {
  rounds: number;
  /** Milliseconds that everything rests first, and that are looked at then. */
  restMs: number;
  watchedMs: number;
}

/** Milliseconds of a tick, in which Linux counts the time of processes. */
const tickMs = 10;

const look = { name: "look", description: "Looks.", input_schema: { type: "object", properties: {} } };

/** Milliseconds of CPU time in a second, each; empty where the system does not tell. */
export interface HeldCallsReport {
  calls: number;
  idle: number[];
  held: number[];
}

export async function measureHeldCalls(bed: Bed, amount: HeldAmount): Promise<HeldCallsReport> {
  const report: HeldCallsReport = { calls, idle: [], held: [] };
  if (process.platform !== "linux") return report;
  const data = join(bed.root, "held");
  await using lodge = await spawnLodge({
    LODGE_DATA: data,
    LODGE_LOG_LEVEL: "error",
    LODGE_SPARES: "0",
    LODGE_MAX_LIVE: "1",
  });
  const client = new LodgeClient(lodge);
  await client.settled();
  for (let round = 0; round < amount.rounds; round++) {
    // A conversation for each round; there is room for one process, so that of the one before makes room.
    const first = { role: "user", content: `echo: round ${round}` };
    const { content: said } = await client.ask([first], look);
    report.idle.push(await cpuPerSecond(lodge.pid, amount));
    const asked = [
      first,
      { role: "assistant", content: said },
      { role: "user", content: "tool: look {}\n".repeat(calls) },
    ];
    const { source, content } = await client.ask(asked, look);
    const made = content.filter(({ id }) => id !== undefined);
    if (made.length !== calls || source !== "warm") throw new Error(`${made.length} calls were made, ${source}`);
    report.held.push(await cpuPerSecond(lodge.pid, amount));
    const results = made.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "done" }));
    await client.ask([...asked, { role: "assistant", content }, { role: "user", content: results }], look);
  }
  return report;
}

async function cpuPerSecond(server: number, { restMs, watchedMs }: HeldAmount): Promise<number> {
  await Bun.sleep(restMs);
  const from = now();
  const before = cpuMs(server);
  await Bun.sleep(watchedMs);
  return ((cpuMs(server) - before) / (now() - from)) * 1000;
}

/** Of a process and all below it, so far. */
function cpuMs(server: number): number {
  let ticks = 0;
  for (const pid of treeOf(server)) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Its name may hold anything, blanks and brackets included.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * tickMs;
}
