/** After many turns with aborts and kills nothing is left behind. `bun test/bench/soak.ts` does the same for thousands. */
import { expect, test } from "bun:test";
import { soak } from "../harness/soak.ts";

test("turns over both drivers, some aborted and some killed, leak no process, file descriptor, timer or slot", async () => {
  const report = await soak({ turns: 12, clients: 4, seed: 4, drivers: ["stream", "stream", "terminal"] });
  expect(report.surprises).toEqual([]);
  expect(report.aborted).toBeGreaterThan(0);
  expect(report.killed).toBeGreaterThan(0);
  expect(report.processesLeft).toBe(0);
  expect(report.slots).toEqual({ limit: 4, usable: 4, waiting: 0 });
  expect(report.after.timers).toBeLessThanOrEqual(report.before.timers);
  expect(report.after.fileDescriptors).toBeLessThanOrEqual(report.before.fileDescriptors + 2);
}, 240_000);
