/**
 * The long soak of terminals: viewers that come and go for half an hour, a browser's page among them, and whether
 * memory, file descriptors and WebGL contexts are as they were. Needs the dashboard to be built.
 *
 *     bun test/bench/terminal-soak.ts [--minutes 30] [--viewers 8] [--warm-up 100] [--rest 0]
 */
import { parseArgs } from "node:util";
import { growthOf, terminalSoak } from "../harness/terminal-soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    viewers: { type: "string", default: "8" },
    /** Rounds. */
    "warm-up": { type: "string", default: "100" },
    /** Milliseconds after each round, on a machine that has other things to do. */
    rest: { type: "string", default: "0" },
  },
});

const end = performance.now() + Number(values.minutes) * 60_000;
const report = await terminalSoak({
  warmUp: Number(values["warm-up"]),
  viewers: Number(values.viewers),
  pageEvery: 5,
  rest: () => Bun.sleep(Number(values.rest)),
  goesOn: (round) => {
    if (round % 100 === 0) process.stderr.write(`${round} rounds\n`);
    return performance.now() < end;
  },
});
const growth = growthOf(report);
process.stdout.write(`${JSON.stringify({ ...report, growth }, null, 2)}\n`);
process.exitCode = growth.length === 0 ? 0 : 1;
