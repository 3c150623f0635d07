/** Memory that a process holds, as the system counts it. */
import { writeFile } from "node:fs/promises";

/** Bytes; undefined where the system does not tell. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await Bun.file(`/proc/${pid}/status`)
    .text()
    .catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? (await askPs(pid));
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function askPs(pid: number): Promise<string | undefined> {
  if (Bun.which("ps") === null) return undefined;
  const output = await Bun.$`ps -o rss= -p ${pid}`.quiet().nothrow().text();
  return /\d+/.exec(output)?.[0];
}

/** Begins the counting of the highest again; false where the system does not count. */
export const forgetPeak = (pid: number): Promise<boolean> =>
  writeFile(`/proc/${pid}/clear_refs`, "5").then(
    () => true,
    () => false,
  );

/** Bytes at the highest since then. */
export async function peakBytes(pid: number): Promise<number | undefined> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
