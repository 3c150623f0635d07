/** From what was taken to the rows of the table: medians, what each is measured by, and whether it is as it must be. */
import type { HibernatedReport } from "./hibernated-process.ts";
import type { MeasureId } from "./measure.ts";
import type { FilesReport } from "./measures/files.ts";
import type { HeldCallsReport } from "./measures/held-calls.ts";
import type { StartupReport } from "./measures/startup.ts";
import type { TerminalDriverReport } from "./measures/terminal-driver.ts";
import type { TerminalsReport } from "./measures/terminals.ts";
import type { ToolResultsReport } from "./measures/tool-results.ts";
import type { Taken } from "./rounds.ts";
import { median, type Summary, summarize } from "./stats.ts";
import { type Column, renderTable } from "./table.ts";

type Unit = "ms" | "kB" | "MB";

export interface Row {
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  readonly figures?: Summary;
  readonly ratio?: { readonly value: number; readonly to: string };
  /** Milliseconds until the request was at the model. */
  readonly modelMs?: number;
  /** Without a verdict it is for information. */
  readonly target?: { readonly text: string; readonly met?: boolean };
  /** Why there is no figure. */
  readonly notYet?: string;
}

export interface Figures {
  readonly taken: readonly Taken[];
  /** How many were hibernated. */
  readonly sessions: number;
  readonly hibernated: HibernatedReport;
  readonly startup: StartupReport;
  readonly files: FilesReport;
  readonly terminalDriver: TerminalDriverReport;
  /** Null where a quick run left them out, as with `heldCalls`. */
  readonly terminals: TerminalsReport | null;
  readonly heldCalls: HeldCallsReport | null;
  readonly toolResults: ToolResultsReport;
  /** Bytes that a live CLI process holds. */
  readonly liveBytes: readonly number[];
}

export function makeRows({
  taken,
  sessions,
  hibernated,
  startup,
  files,
  terminalDriver,
  terminals,
  heldCalls,
  toolResults,
  liveBytes,
}: Figures): Row[] {
  const medians = new Map(taken.filter(({ ms }) => ms.length > 0).map(({ id, ms }) => [id, median(ms)]));
  const shown = taken.filter(({ id }) => !id.endsWith("-instant"));
  return [
    ...shown.map((one) => turnRow(one, medians)),
    ...terminalDriverRows(terminalDriver, medians.get("sdk-warm")),
    ...costRows(taken, sessions, hibernated, startup, liveBytes),
    ...toolResultRows(toolResults),
    ...(heldCalls ? heldCallRows(heldCalls) : [leftOut("held-cpu", "CPU in a second with calls held")]),
    ...fileRows(files),
    ...(terminals ? terminalRows(terminals) : [leftOut("terminals", "Live terminals: echo, flood, viewers, attach")]),
  ];
}

function turnRow({ id, what, ms, modelMs, notYet }: Taken, medians: ReadonlyMap<MeasureId, number>): Row {
  if (ms.length === 0) return { id, what, unit: "ms", notYet: notYet ?? "nothing was taken" };
  const figures = summarize(ms);
  const floor = medians.get("sdk-warm");
  const target = turnTarget(id, figures.median, medians);
  return {
    id,
    what,
    unit: "ms",
    figures,
    ...(floor === undefined ? {} : { ratio: { value: figures.median / floor, to: "SDK warm" } }),
    ...(modelMs.length === 0 ? {} : { modelMs: median(modelMs) }),
    ...(target === undefined ? {} : { target }),
  };
}

/** What a wrapper that starts a process for each request takes against a warm turn, at least. */
const leastGain = 15;
/** A warm turn against the SDK's own, at most. */
const mostOverSdk = 1.3;
/** A new conversation with a spare against a warm turn, at most. */
const mostOverWarm = 2.5;

function turnTarget(id: MeasureId, ms: number, medians: ReadonlyMap<MeasureId, number>): Row["target"] {
  const sdk = medians.get("sdk-warm");
  const warm = medians.get("lodge-warm");
  if (sdk === undefined || warm === undefined) return undefined;
  switch (id) {
    case "lodge-warm":
      return { text: `<= ${mostOverSdk} x SDK warm`, met: ms <= mostOverSdk * sdk };
    case "print-stream":
      // Beside the next one: the CLI's own warm turn is not much further from it than the target.
      return { text: `(${(ms / warm).toFixed(1)} x Lodge warm)` };
    case "print-json":
      return { text: `>= ${leastGain} x Lodge warm (${(ms / warm).toFixed(1)})`, met: ms >= leastGain * warm };
    case "lodge-spare":
      return { text: `<= ${mostOverWarm} x Lodge warm (${(ms / warm).toFixed(2)})`, met: ms <= mostOverWarm * warm };
    default:
      return undefined;
  }
}

/** Milliseconds from a record in the transcript to its event. */
const mostTailMs = 20;

function terminalDriverRows({ turns, recordToEvent }: TerminalDriverReport, floor: number | undefined): Row[] {
  return [
    row("terminal-turn", "Terminal driver, a further turn", "ms", turns, ratio(turns, floor, "SDK warm")),
    row(
      "terminal-tail",
      "Terminal driver, a record written until its event",
      "ms",
      recordToEvent,
      ratio(recordToEvent, median(turns), "that turn"),
      (ms) => ({ text: `<= ${mostTailMs} ms`, met: ms <= mostTailMs }),
    ),
  ];
}

/** Milliseconds that the server may add to a warm turn. */
const mostAddedMs = 2;
/** Bytes of memory for a hibernated session. */
const mostHibernatedBytes = 10_000;
/** Milliseconds, p99, to find one session among all. */
const mostLookupMs = 5;
/** Milliseconds from the command to the ready line. */
const mostStartMs = 3000;

function costRows(
  taken: readonly Taken[],
  sessions: number,
  hibernated: HibernatedReport,
  startup: StartupReport,
  liveBytes: readonly number[],
): Row[] {
  const { lookup, acquire } = hibernated;
  const floor = median(msOf(taken, "sdk-warm"));
  const added = lessBeside(msOf(taken, "lodge-instant"), msOf(taken, "sdk-instant"));
  const addedToReal = lessBeside(msOf(taken, "lodge-warm"), msOf(taken, "sdk-warm"));
  const live = liveBytes.length === 0 ? undefined : median(liveBytes);
  const inStart =
    startup.emptyBytes.length === 0 ? undefined : (median(startup.manyBytes) - median(startup.emptyBytes)) / sessions;
  const many = sessions.toLocaleString("en");
  return [
    row(
      "added",
      "Server's own time in a warm turn, by a stand-in",
      "ms",
      added,
      ratio(added, floor, "SDK warm"),
      (ms) => ({
        text: `<= ${mostAddedMs} ms`,
        met: ms <= mostAddedMs,
      }),
    ),
    row("added-real", "The same by the real CLI, whose own time varies more", "ms", addedToReal, undefined),
    row("live-memory", "A live CLI process", "MB", liveBytes.map(toMega), undefined),
    row(
      "server-memory",
      "The server without sessions",
      "MB",
      startup.emptyBytes.map(toMega),
      ratio(startup.emptyBytes, live, "live process"),
    ),
    memoryRow("hibernated-memory", `A hibernated session, of ${many} that one server ran`, hibernated.bytes, live),
    memoryRow("found-memory", `A hibernated session, of ${many} found at the start`, inStart, live),
    lookupRow("lookup", `Store: find and list among ${many} sessions, p99`, lookup),
    lookupRow("acquire", `Manager: get one of ${many} to its process, p99`, acquire),
    row(
      "start",
      "Start to ready line, no sessions",
      "ms",
      startup.empty,
      ratio(startup.empty, median(startup.bun), "empty Bun process"),
      startTarget,
    ),
    row(
      "start-many",
      `Start to ready line, ${many} sessions`,
      "ms",
      startup.many,
      ratio(startup.many, median(startup.empty), "no sessions"),
      startTarget,
    ),
  ];
}

/** Milliseconds from a tool's result to the model's next request. */
const mostResultMs = 30;

function toolResultRows({ lodge, sdk }: ToolResultsReport): Row[] {
  return [
    row("tool-result-sdk", "SDK, a tool's result until the model is called", "ms", sdk, undefined),
    row(
      "tool-result",
      "Lodge, a client's result for a held call until the model is called",
      "ms",
      lodge,
      ratio(lodge, median(sdk), "SDK"),
      (ms) => ({ text: `<= ${mostResultMs} ms`, met: ms <= mostResultMs }),
    ),
  ];
}

const heldCallRows = ({ calls, idle, held }: HeldCallsReport): Row[] => [
  row("idle-cpu", "CPU in a second, the server and an idle process", "ms", idle, undefined),
  row(
    "held-cpu",
    `CPU in a second, the same with ${calls} calls held`,
    "ms",
    held,
    ratio(held, idle.length === 0 ? undefined : median(idle), "idle"),
  ),
];

/** A transfer against `cp`, at most, and megabytes of memory that it may take. */
const mostOverCp = 2;
const mostGrowthMb = 64;

function fileRows({ bytes, cp, upload, download, growth }: FilesReport): Row[] {
  const size = `${(bytes / 1024 ** 3).toPrecision(2)} GiB`;
  const beside = median(cp);
  const target = (ms: number) => ({ text: `<= ${mostOverCp} x cp`, met: ms <= mostOverCp * beside });
  return [
    row("file-cp", `cp of a file of ${size}`, "ms", cp, undefined),
    row("file-upload", "Lodge, the same file up, and on the disk", "ms", upload, ratio(upload, beside, "cp"), target),
    row("file-download", "Lodge, the same file down", "ms", download, ratio(download, beside, "cp"), target),
    row("file-memory", "The server's memory in that, at its highest", "MB", growth.map(toMega), undefined, (mb) => ({
      text: `< ${mostGrowthMb} MB`,
      met: mb < mostGrowthMb,
    })),
  ];
}

/** Milliseconds that a key's echo may take more than on a bare PTY, and for a screen with its scrollback to be painted. */
const mostEchoMs = 5;
const mostAttachMs = 100;
/** Megabytes that a flood may add, and turns of other sessions meanwhile against before. */
const mostFloodMb = 32;
const mostFloodedTurn = 1.5;

function terminalRows(report: TerminalsReport): Row[] {
  const { bareEcho, echo, growth, calmTurns, floodedTurns, converged, attachedEmpty, attached } = report;
  const bare = median(bareEcho);
  const calm = median(calmTurns);
  const flood = `${Math.round(toMega(report.floodBytes))} MB of output`;
  return [
    row("echo-bare", "Key to echo on a bare PTY", "ms", bareEcho, undefined),
    row("echo", "Key to echo through a live terminal", "ms", echo, ratio(echo, bare, "bare PTY"), (ms) => ({
      text: `<= ${mostEchoMs} ms more`,
      met: ms - bare <= mostEchoMs,
    })),
    row(
      "flood-memory",
      `The server's memory in ${flood}, at its highest`,
      "MB",
      growth.map(toMega),
      undefined,
      (mb) => ({
        text: `<= ${mostFloodMb} MB`,
        met: mb <= mostFloodMb,
      }),
    ),
    row(
      "flood-turn",
      `Another session's warm turn in ${flood}`,
      "ms",
      floodedTurns,
      ratio(floodedTurns, calm, "before"),
      (ms) => ({
        text: `<= ${mostFloodedTurn} x before`,
        met: ms <= mostFloodedTurn * calm,
      }),
    ),
    row("converged", `${report.viewers} viewers have the same screen after a flood`, "ms", converged, undefined),
    row("attach-empty", "Chromium: socket to painted screen, no scrollback", "ms", attachedEmpty, undefined),
    row(
      "attach",
      "The same with 5,000 lines of scrollback",
      "ms",
      attached,
      ratio(attached, median(attachedEmpty), "no scrollback"),
      (ms) => ({
        text: `<= ${mostAttachMs} ms`,
        met: ms <= mostAttachMs,
      }),
    ),
  ];
}

const msOf = (taken: readonly Taken[], wanted: MeasureId): number[] => taken.find(({ id }) => id === wanted)?.ms ?? [];

/** Each turn less the one that was taken beside it. */
const lessBeside = (turns: readonly number[], beside: readonly number[]): number[] =>
  turns.map((ms, index) => ms - (beside[index] ?? Number.NaN));

const startTarget = (ms: number) => ({ text: `<= ${mostStartMs / 1000} s`, met: ms <= mostStartMs });

function memoryRow(id: string, what: string, bytes: number | undefined, live: number | undefined): Row {
  const figures = bytes === undefined ? [] : [bytes];
  const kilo = figures.map((each) => each / 1000);
  return row(id, what, "kB", kilo, ratio(figures, live, "live process"), (kB) => ({
    text: `< ${mostHibernatedBytes / 1000} kB`,
    met: kB * 1000 < mostHibernatedBytes,
  }));
}

const lookupRow = (id: string, what: string, { few, many }: { few: number; many: number }): Row =>
  row(id, what, "ms", [many], ratio([many], few, "among 500"), (ms) => ({
    text: `< ${mostLookupMs} ms`,
    met: ms < mostLookupMs,
  }));

function row(
  id: string,
  what: string,
  unit: Unit,
  values: readonly number[],
  beside: Row["ratio"],
  targetOf?: (value: number) => Row["target"],
): Row {
  if (values.length === 0) return { id, what, unit, notYet: "this system does not tell" };
  const figures = summarize(values);
  const target = targetOf?.(figures.median);
  return { id, what, unit, figures, ...(beside ? { ratio: beside } : {}), ...(target ? { target } : {}) };
}

const leftOut = (id: string, what: string): Row => ({ id, what, unit: "ms", notYet: "left out of a quick run" });

const ratio = (values: readonly number[], beside: number | undefined, to: string): Row["ratio"] =>
  values.length === 0 || beside === undefined ? undefined : { value: median(values) / beside, to };

const toMega = (bytes: number): number => bytes / 1e6;

const columns: Column[] = [
  { title: "what", align: "left" },
  { title: "median", align: "right" },
  { title: "quartiles", align: "right" },
  { title: "n", align: "right" },
  { title: "ratio", align: "right" },
  { title: "to", align: "left" },
  { title: "request reaches model after", align: "right" },
  { title: "target", align: "left" },
  { title: "", align: "left" },
];

export function render(rows: readonly Row[]): string {
  return renderTable(columns, rows.map(cells));
}

function cells({ what, unit, figures, ratio: beside, modelMs, target, notYet }: Row): string[] {
  if (!figures) return [what, "not yet", "", "", "", notYet ?? ""];
  const { median: middle, lower, upper, count } = figures;
  return [
    what,
    `${figure(middle)} ${unit}`,
    count > 1 ? `${figure(lower)} - ${figure(upper)}` : "",
    String(count),
    beside ? figure(beside.value) : "",
    beside?.to ?? "",
    modelMs === undefined ? "" : `${figure(modelMs)} ms`,
    target?.text ?? "",
    verdict(target),
  ];
}

const verdict = (target: Row["target"]): string => (target?.met === undefined ? "" : target.met ? "ok" : "miss");

/** Three digits that mean something; small ones to the thousandth and no further. */
function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.01) return value.toFixed(2);
  return value === 0 ? "0" : value.toPrecision(1);
}
