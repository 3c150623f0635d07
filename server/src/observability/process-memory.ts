/** What processes hold of the machine's memory. */
import { readFile } from "node:fs/promises";

/** Bytes of them together; null where the system does not tell. One that is gone meanwhile holds none. */
export async function memoryOf(pids: readonly number[]): Promise<number | null> {
  if (process.platform !== "linux") return null;
  const each = await Promise.all(pids.map(residentBytes));
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kibibytes) * 1024;
}
