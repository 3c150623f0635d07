/** What many hibernated sessions cost: memory for each, and the time to find one of them again. */
import { join } from "node:path";
import type { Bed } from "../bed.ts";
import { startChild } from "../child.ts";
import type { HibernatedReport } from "../hibernated-process.ts";

/** @returns the data folder that now holds them, too */
export async function measureHibernated(bed: Bed, sessions: number): Promise<HibernatedReport & { data: string }> {
  const data = join(bed.root, "hibernated");
  const env = { ...bed.cleanEnv(), BENCH_DATA: data, BENCH_SESSIONS: String(sessions) };
  await using child = await startChild<HibernatedReport>("hibernated-process.ts", env);
  return { ...child.ready, data };
}
