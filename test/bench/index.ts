/**
 * What Lodge costs, as ratios to something measured beside it in the same run: the real CLI, a scripted model that
 * answers at once, everything on loopback and in processes of their own.
 *
 *     bun run bench [--quick] [--rounds N] [--json] [--check]
 *
 * `--quick` takes one round and fewer turns, `--json` prints for machines, `--check` ends with 1 when a target is missed.
 */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Bed } from "./bed.ts";
import type { Group } from "./measure.ts";
import { measureFiles } from "./measures/files.ts";
import { type HeldAmount, measureHeldCalls } from "./measures/held-calls.ts";
import { measureHibernated } from "./measures/hibernated.ts";
import { lodgeSpare } from "./measures/lodge-spare.ts";
import { lodgeCold, lodgeForked, lodgeResumed, lodgeSeeded } from "./measures/lodge-start.ts";
import { printJson, printStream } from "./measures/print.ts";
import { sdkFresh, sdkPrewarmed, sdkWaiting } from "./measures/sdk-start.ts";
import { measureStartup } from "./measures/startup.ts";
import { measureTerminalDriver } from "./measures/terminal-driver.ts";
import { measureTerminals, type TerminalAmount } from "./measures/terminals.ts";
import { measureToolResults } from "./measures/tool-results.ts";
import { putToWork, sdkWarm, serverWarm } from "./measures/warm.ts";
import { residentBytes } from "./memory.ts";
import { type Figures, makeRows, render, type Row } from "./report.ts";
import { takeRounds } from "./rounds.ts";

interface Amount {
  /** Hibernated ones, to find one among. */
  sessions: number;
  rounds: number;
  /** Warm turns of each process; each kind has two processes in a round. */
  warmTurns: number;
  /** Processes of `claude -p` of each kind in a round. */
  prints: number;
  /** Turns with a CLI that answers at once. */
  instantTurns: number;
  /** Rounds of them before those that count. A server's code is compiled bit by bit, until after some 800 turns. */
  instantWarmUp: number;
  /** Conversations of the servers with the real CLI before anything of them is measured. */
  worked: number;
  starts: number;
  /** Bytes of the large file, and how often it goes up and down. */
  fileBytes: number;
  transfers: number;
  /** Turns of the interactive CLI. */
  terminalTurns: number;
  /** Null leaves them out. */
  terminals: TerminalAmount | null;
  /** Results of tools in all rounds. */
  toolResults: number;
  /** Null leaves them out. */
  held: HeldAmount | null;
}

const full: Amount = {
  sessions: 10_000,
  rounds: 8,
  warmTurns: 10,
  prints: 3,
  instantTurns: 20,
  instantWarmUp: 50,
  worked: 30,
  starts: 5,
  fileBytes: 2 * 1024 ** 3,
  transfers: 3,
  terminalTurns: 20,
  terminals: { keys: 200, floodBytes: 100_000_000, turns: 20, viewers: 20, attaches: 5 },
  toolResults: 40,
  held: { rounds: 3, restMs: 2000, watchedMs: 5000 },
};
const quick: Amount = {
  sessions: 1000,
  rounds: 1,
  warmTurns: 3,
  prints: 1,
  instantTurns: 5,
  instantWarmUp: 1,
  worked: 0,
  starts: 1,
  fileBytes: 8 * 1024 ** 2,
  transfers: 1,
  terminalTurns: 3,
  terminals: null,
  toolResults: 3,
  held: null,
};

/** Milliseconds that processes rest before the first sample: a CLI goes on starting up that long. */
const restMs = 1500;
/** The same where they are to be as those of a conversation that has gone on for a while: it compiles less in its first 10 s. */
const settledMs = 11_000;
/** Milliseconds between samples: the CLI writes its transcript up to 100 ms after a turn. */
const gapMs = 150;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  const amount = { ...(options.quick ? quick : full) };
  if (options.rounds !== undefined) amount.rounds = Math.max(1, Number.parseInt(options.rounds, 10));
  const machine = {
    cores: availableParallelism(),
    loadBefore: loadavg()[0] ?? 0,
    bun: Bun.version,
    rounds: amount.rounds,
  };
  const rows = makeRows(await measure(amount));
  const missed = rows.filter(({ target }) => target?.met === false);
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, rows, missed: missed.map(({ id }) => id) })}\n`);
  else process.stdout.write(`${text(machine, rows)}\n`);
  return options.check && missed.length > 0 ? 1 : 0;
}

async function measure(amount: Amount): Promise<Figures> {
  const { sessions, rounds, instantTurns, instantWarmUp, starts, fileBytes, transfers } = amount;
  await using bed = await Bed.make();
  const stop = () => void bed[Symbol.asyncDispose]().finally(() => process.exit(130));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);

  progress("hibernated sessions");
  const { data, ...hibernated } = await measureHibernated(bed, sessions);
  progress("starts");
  const startup = await measureStartup(bed, data, starts);
  progress("a large file");
  const files = await measureFiles(bed, fileBytes, transfers);
  progress("the interactive CLI");
  const terminalDriver = await measureTerminalDriver(bed, amount.terminalTurns);
  progress("terminals");
  const terminals = amount.terminals && (await measureTerminals(bed, amount.terminals));

  // Before there are other servers, whose timers would be counted as well.
  const instant = await bed.server("instant", { LODGE_CLAUDE: await bed.instantCli() });
  const own: Group = {
    measures: [serverWarm(bed, instant, "lodge-instant"), sdkWarm(bed, "sdk-instant")],
    turns: instantTurns,
    restMs,
    gapMs: 10,
    warmUpRounds: instantWarmUp,
    quiet: [],
  };
  const takenAlone = await takeRounds(bed, [own], rounds, progress);

  const [warm, brief, spares, least] = await Promise.all([
    // Longer than a group rests, so that a conversation is still warm after that.
    bed.server("warm", { LODGE_IDLE_SECONDS: "30" }),
    bed.server("brief", { LODGE_IDLE_SECONDS: "1" }),
    bed.server("spares", { LODGE_IDLE_SECONDS: "15", LODGE_SPARES: "1" }),
    bed.leastServer(),
  ]);
  progress("servers that are at work for a while");
  await Promise.all([warm, spares, least].map((server) => putToWork(bed, server, amount.worked)));
  const liveBytes: number[] = [];
  const onLive = async (pid: number) => {
    const bytes = await residentBytes(pid);
    if (bytes !== undefined) liveBytes.push(bytes);
  };
  const warmTurns: Group = {
    measures: [
      serverWarm(bed, warm, "lodge-warm"),
      serverWarm(bed, least, "least-server"),
      sdkWarm(bed, "sdk-warm", onLive),
    ],
    turns: amount.warmTurns,
    restMs: options.quick ? restMs : settledMs,
    gapMs,
    warmUpRounds: 0,
    quiet: [],
  };
  const firstTurns: Group = {
    restMs,
    gapMs,
    warmUpRounds: 0,
    quiet: [warm, brief],
    measures: [
      lodgeSpare(bed, spares),
      sdkWaiting(bed),
      sdkPrewarmed(bed),
      sdkFresh(bed),
      lodgeCold(bed, brief),
      lodgeResumed(bed, brief),
      lodgeForked(bed, brief),
      lodgeSeeded(bed, brief),
    ],
    turns: 1,
  };
  const prints: Group = {
    measures: [printStream(bed), printJson(bed)],
    turns: amount.prints,
    restMs,
    gapMs,
    warmUpRounds: 0,
    quiet: [warm, brief],
  };
  // A process differs from the next by a tenth of a turn, and the warm turn is what most rows are compared with.
  const groups = [warmTurns, firstTurns, warmTurns, prints];
  const taken = [...takenAlone, ...(await takeRounds(bed, groups, rounds, progress))];
  progress("held calls");
  const heldCalls = amount.held && (await measureHeldCalls(bed, amount.held));
  progress("results of tools");
  const toolResults = await measureToolResults(bed, warm, amount.toolResults);
  process.removeListener("SIGINT", stop);
  process.removeListener("SIGTERM", stop);
  return { taken, sessions, hibernated, startup, files, terminalDriver, terminals, heldCalls, toolResults, liveBytes };
}

function text(machine: { cores: number; loadBefore: number; bun: string; rounds: number }, rows: Row[]): string {
  const { cores, loadBefore, bun, rounds } = machine;
  return `First words of an answer, and other costs: ${rounds} round${rounds === 1 ? "" : "s"}, ${cores} cores with a load of ${loadBefore.toFixed(1)} at the start, Bun ${bun}.

${render(rows)}`;
}

/** For a person who waits; the table itself goes to the standard output. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${what}`);
}

const code = await main();
if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
process.exitCode = code;
