/**
 * The long soak of terminals: viewers that come and go for half an hour, then what is left of them.
 *
 *     bun test/bench/terminal-soak.ts [--minutes 30] [--viewers 8]
 */
import { parseArgs } from "node:util";
import { terminalSoak } from "../harness/terminal-soak.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, viewers: { type: "string", default: "8" } },
});

const end = performance.now() + Number(values.minutes) * 60_000;
const report = await terminalSoak({
  warmUp: 100,
  viewers: Number(values.viewers),
  goesOn: (round) => {
    if (round % 100 === 0) process.stderr.write(`${round} rounds\n`);
    return performance.now() < end;
  },
});
const growth = report.after / report.before - 1;
process.stdout.write(`${JSON.stringify({ growth, ...report }, null, 2)}\n`);
process.exitCode = growth <= 0.2 ? 0 : 1;
