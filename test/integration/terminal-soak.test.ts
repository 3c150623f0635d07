/** Viewers that come and go leave nothing behind. `bun test/bench/terminal-soak.ts` does the same for longer. */
import { expect, test } from "bun:test";
import { growthOf, terminalSoak } from "../harness/terminal-soak.ts";

test("viewers that come, drop the line and go leave no file descriptor behind", async () => {
  const report = await terminalSoak({ warmUp: 2, viewers: 4, goesOn: (round) => round < 6 });
  expect(report.rounds).toBe(6);
  expect(report.after.fileDescriptors).toBeLessThanOrEqual(report.before.fileDescriptors + 2);
}, 120_000);

test("what grew in a soak is told", () => {
  const page = { heap: 1000, elements: 100, listeners: 100, contexts: 0, mostContexts: 1 };
  const before = { bytes: 1000, fileDescriptors: 10, page };
  const flat = { bytes: 1200, fileDescriptors: 12, page: { ...page, heap: 1200, listeners: 120 } };
  expect(growthOf({ rounds: 1, before, after: flat })).toEqual([]);
  expect(growthOf({ rounds: 1, before, after: { ...flat, bytes: 1201, fileDescriptors: 13 } })).toHaveLength(2);
  const grown = { heap: 1201, elements: 121, listeners: 121, contexts: 1, mostContexts: 2 };
  expect(growthOf({ rounds: 1, before, after: { ...before, page: grown } })).toHaveLength(5);
});
