/**
 * The `demo` command as it is: from its start to its ready line, with an empty data folder and with one that holds many
 * sessions, beside a Bun process that does nothing; and the memory that it then holds.
 */
import { join } from "node:path";
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import { residentBytes } from "../memory.ts";

export interface StartupReport {
  /** Milliseconds of each start. */
  bun: number[];
  empty: number[];
  many: number[];
  /** Bytes when it has listed its sessions once; empty where the system does not tell. */
  emptyBytes: number[];
  manyBytes: number[];
}

const main = join(import.meta.dir, "../../../server/src/main.ts");
/** Milliseconds between one process's end and the next one's start. */
const gapMs = 150;

export async function measureStartup(bed: Bed, manyData: string, rounds: number): Promise<StartupReport> {
  const report: StartupReport = { bun: [], empty: [], many: [], emptyBytes: [], manyBytes: [] };
  for (let round = 0; round < rounds; round++) {
    report.bun.push(await startBun(bed));
    const empty = await startDemo(bed, join(bed.root, `empty-${round}`));
    report.empty.push(empty.ms);
    const many = await startDemo(bed, manyData);
    report.many.push(many.ms);
    if (empty.bytes === undefined || many.bytes === undefined) continue;
    report.emptyBytes.push(empty.bytes);
    report.manyBytes.push(many.bytes);
  }
  return report;
}

async function startBun(bed: Bed): Promise<number> {
  await Bun.sleep(gapMs);
  const startedAt = now();
  const child = Bun.spawn([process.execPath, "-e", ""], {
    env: bed.cleanEnv(),
    stdio: ["ignore", "ignore", "inherit"],
  });
  await child.exited;
  return now() - startedAt;
}

async function startDemo(bed: Bed, data: string): Promise<{ ms: number; bytes: number | undefined }> {
  await Bun.sleep(gapMs);
  const startedAt = now();
  const child = bed.own(
    Bun.spawn([process.execPath, main, "demo"], {
      env: { ...bed.cleanEnv(), LODGE_DATA: data, LODGE_PORT: "0", LODGE_LOG_LEVEL: "error" },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  try {
    let line = "";
    for await (const chunk of child.stdout) {
      line += new TextDecoder().decode(chunk);
      if (line.includes("\n")) break;
    }
    const ms = now() - startedAt;
    const [, url = "", token = ""] = /is ready: (\S+)\/#token=(\S+)/.exec(line) ?? [];
    if (url === "") throw new Error(`not a ready line: ${line}`);
    const sessions = await fetch(`${url}/api/sessions`, { headers: { authorization: `Bearer ${token}` } });
    if (!sessions.ok) throw new Error(`the sessions were not listed: status ${sessions.status}`);
    await sessions.arrayBuffer();
    return { ms, bytes: await residentBytes(child.pid) };
  } finally {
    child.kill("SIGTERM");
    await child.exited;
  }
}
