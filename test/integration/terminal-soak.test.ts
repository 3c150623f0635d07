/** Viewers that come and go leave nothing behind. `bun test/bench/terminal-soak.ts` does the same for half an hour. */
import { expect, test } from "bun:test";
import { terminalSoak } from "../harness/terminal-soak.ts";

test("viewers that come, drop the line and go leave no file descriptor behind", async () => {
  const report = await terminalSoak({ warmUp: 2, viewers: 4, goesOn: (round) => round < 6 });
  expect(report.rounds).toBe(6);
  expect(report.fileDescriptorsAfter).toBeLessThanOrEqual(report.fileDescriptorsBefore + 2);
}, 120_000);
