import { expect, test } from "bun:test";
import { memoryOf } from "./process-memory.ts";

test.if(process.platform === "linux")("memory of processes is summed; one that is gone holds none", async () => {
  const own = (await memoryOf([process.pid]))!;
  expect(own).toBeGreaterThan(10_000_000);
  expect(own).toBeLessThan(process.memoryUsage.rss() * 2);
  expect(await memoryOf([])).toBe(0);
  // The kernel gives no process this number.
  expect(await memoryOf([2 ** 30])).toBe(0);
  const twice = (await memoryOf([process.pid, process.pid]))!;
  expect(twice).toBeGreaterThan(own);
});
