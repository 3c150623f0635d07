/**
 * The long soak: thousands of turns over both drivers with random aborts and kills, then what is left of them.
 *
 *     bun test/bench/soak.ts [--turns 2000] [--clients 4] [--seed 1] [--drivers stream,terminal]
 */
import { parseArgs } from "node:util";
import { soak, type SoakOptions } from "../harness/soak.ts";

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "2000" },
    clients: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
    drivers: { type: "string", default: "stream,terminal" },
  },
});

const began = performance.now();
const report = await soak({
  turns: Number(values.turns),
  clients: Number(values.clients),
  seed: Number(values.seed),
  drivers: values.drivers.split(",") as SoakOptions["drivers"],
  onProgress: (done) => {
    if (done % 100 === 0) process.stderr.write(`${done} turns\n`);
  },
});
const growth = report.after.rss / report.before.rss - 1;
process.stdout.write(
  `${JSON.stringify({ seconds: Math.round((performance.now() - began) / 1000), growth, ...report }, null, 2)}\n`,
);
const flat =
  growth <= 0.2 &&
  report.after.fileDescriptors <= report.before.fileDescriptors + 4 &&
  report.after.timers <= report.before.timers;
const whole = report.processesLeft === 0 && report.slots.usable === report.slots.limit && report.slots.waiting === 0;
process.exitCode = flat && whole && report.surprises.length === 0 ? 0 : 1;
