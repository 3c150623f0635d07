/**
 * Viewers of terminals that come, type, resize, lose the line and go, over and over, a browser's page among them, and
 * what is left of it all.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { SessionSummary } from "@lodge/shared";
import { type LodgeProcess, spawnLodge, temporaryFolder } from "./process.ts";
import { eventually } from "./processes.ts";
import { openSoakPage, type PageFootprint, type SoakPage } from "./soak-page.ts";
import { TestTerminal } from "./terminal.ts";

export interface TerminalSoakReport {
  rounds: number;
  /** After the first rounds and at the end. */
  before: TerminalFootprint;
  after: TerminalFootprint;
}

export interface TerminalFootprint {
  /** Bytes that the server holds in memory. */
  bytes: number;
  fileDescriptors: number;
  /** The browser's page; null without one. */
  page: PageFootprint | null;
}

export interface TerminalSoakOptions {
  /** Rounds before those that count: code is compiled and buffers are filled in them. */
  warmUp: number;
  /** Asked before each round. */
  goesOn: (round: number) => boolean;
  viewers: number;
  /** Rounds between two visits of a browser's page to the terminal; none when absent. */
  pageEvery?: number;
  /** Awaited after each round: how busy it keeps the machine. */
  rest?: () => Promise<void>;
}

export async function terminalSoak(options: TerminalSoakOptions): Promise<TerminalSoakReport> {
  const { warmUp, goesOn, viewers, pageEvery, rest } = options;
  await using folder = await temporaryFolder();
  await using lodge = await spawnLodge({
    LODGE_DATA: folder.path,
    LODGE_LOG_LEVEL: "error",
    LODGE_SPARES: "0",
    LODGE_IDLE_SECONDS: "86400",
    // So small that its files turn over many times.
    LODGE_RECORDING_BYTES: "16777216",
  });
  const opened = await lodge.post("/api/terminals", { workspace: "" });
  const { session } = (await opened.json()) as { session: SessionSummary };
  using person = await TestTerminal.open(lodge, session.id, { role: "control", cols: 100, rows: 30 });
  await person.shows("for agents");
  await using stack = new AsyncDisposableStack();
  const page = pageEvery === undefined ? null : stack.use(await openSoakPage(lodge, session.id));

  const round = async (number: number): Promise<void> => {
    await viewersRound(lodge, { person, session: session.id, viewers, number });
    if (page !== null && pageEvery !== undefined && number % pageEvery === 0) await page.visit();
    await rest?.();
  };
  for (let number = 0; number < warmUp; number++) await round(number);
  const alone = () => person.until(() => person.last("viewers")?.viewers.length === 1);
  await alone();
  const before = await footprint(lodge.pid, page);
  let rounds = 0;
  while (goesOn(rounds)) await round(warmUp + rounds++);
  await alone();
  // Sockets close a moment after their viewers are gone.
  await eventually(
    "the file descriptors are as before",
    () => readdirSync(`/proc/${lodge.pid}/fd`).length <= before.fileDescriptors + 2,
    15_000,
  );
  return { rounds, before, after: await footprint(lodge.pid, page) };
}

interface RoundOptions {
  person: TestTerminal;
  session: string;
  viewers: number;
  number: number;
}

async function viewersRound(lodge: LodgeProcess, { person, session, viewers, number }: RoundOptions): Promise<void> {
  using stack = new DisposableStack();
  const watching = await Promise.all(
    Array.from({ length: viewers }, () => TestTerminal.open(lodge, session).then((viewer) => stack.use(viewer))),
  );
  const word = `round${number}`;
  person.type(word);
  await Promise.all(watching.map((viewer) => viewer.shows(word)));
  for (const viewer of watching.slice(0, Math.ceil(viewers / 2))) {
    viewer.drop();
    await viewer.connect();
  }
  person.send({ type: "resize", cols: 90 + (number % 2), rows: 30 });
  person.type("\u007f".repeat(word.length));
  await Promise.all(watching.map((viewer) => viewer.until(() => !viewer.text.includes(word))));
}

async function footprint(pid: number, page: SoakPage | null): Promise<TerminalFootprint> {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return {
    bytes: Number(kilobytes) * 1024,
    fileDescriptors: readdirSync(`/proc/${pid}/fd`).length,
    page: page && (await page.footprint()),
  };
}

/** What is not flat, in words; empty when all of it is. */
export function growthOf({ before, after }: TerminalSoakReport): string[] {
  const all = [
    ...most("bytes of the server", before.bytes, after.bytes, before.bytes * 1.2),
    ...most("file descriptors", before.fileDescriptors, after.fileDescriptors, before.fileDescriptors + 2),
  ];
  if (before.page === null || after.page === null) return all;
  return [
    ...all,
    ...most("bytes of the page's heap", before.page.heap, after.page.heap, before.page.heap * 1.2),
    ...most("elements of the page", before.page.elements, after.page.elements, before.page.elements * 1.2),
    ...most("listeners of the page", before.page.listeners, after.page.listeners, before.page.listeners * 1.2),
    // One while it is seen, and none from before.
    ...most("WebGL contexts", before.page.contexts, after.page.contexts, 0),
    ...most("WebGL contexts at one time", 1, after.page.mostContexts, 1),
  ];
}

const most = (what: string, was: number, is: number, limit: number): string[] =>
  is <= limit ? [] : [`${what}: ${was} before, ${is} after, at most ${Math.floor(limit)}`];
