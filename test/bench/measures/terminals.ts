/**
 * Live terminals: a program that only echoes, floods or fills its scrollback stands in for the CLI on the PTY, and the
 * same program on a PTY of the benchmark's own is what it is measured by. Turns of other sessions are the real CLI's.
 */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeInput } from "@lodge/shared";
import type { SessionSummary } from "@lodge/shared";
import { launchBrowser } from "../../harness/browser.ts";
import { type LodgeProcess, spawnLodge } from "../../harness/process.ts";
import { TestTerminal } from "../../harness/terminal.ts";
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import { LodgeClient } from "../lodge-client.ts";
import { forgetPeak, peakBytes, residentBytes } from "../memory.ts";
import { paintedAfter } from "./painted.ts";

export interface TerminalsReport {
  /** Milliseconds from a key to its echo. */
  bareEcho: number[];
  echo: number[];
  floodBytes: number;
  /** Bytes by which the server's memory was larger at its highest than before; empty where the system does not tell. */
  growth: number[];
  /** Milliseconds to the first words of other sessions' turns, before the flood and while it goes on. */
  calmTurns: number[];
  floodedTurns: number[];
  /** Milliseconds from the end of the output until so many viewers have the same screen; empty when they have not. */
  viewers: number;
  converged: number[];
  /** Milliseconds from the socket to the painted screen, without scrollback and with 5,000 lines. */
  attachedEmpty: number[];
  attached: number[];
}

export interface TerminalAmount {
  keys: number;
  floodBytes: number;
  turns: number;
  viewers: number;
  attaches: number;
}

/** Milliseconds between keys: nobody types faster, and what goes out at once after a key is over by then. */
const keyGapMs = 30;
/** Milliseconds for a flood and for what its viewers make of it. */
const floodLimitMs = 120_000;

export async function measureTerminals(bed: Bed, amount: TerminalAmount): Promise<TerminalsReport> {
  const program = join(bed.root, "terminal-program");
  await writeFile(program, script(bed.cliPath, doneFile(bed)), { mode: 0o700 });
  await using lodge = await spawnLodge({
    LODGE_DATA: join(bed.root, "terminals"),
    LODGE_LOG_LEVEL: "error",
    LODGE_SPARES: "0",
    LODGE_CLAUDE: program,
  });
  const client = new LodgeClient(lodge);
  await client.settled();
  const { bareEcho, echo } = await echoes(lodge, program, amount.keys);
  const { growth, calmTurns, floodedTurns } = await flood(bed, lodge, client, amount);
  return {
    bareEcho,
    echo,
    floodBytes: amount.floodBytes,
    growth,
    calmTurns,
    floodedTurns,
    viewers: amount.viewers,
    converged: await converge(lodge, amount.viewers),
    ...(await attach(lodge, amount.attaches)),
  };
}

/** Spoken to over the SDK's protocol it is the CLI; on a terminal it does as the line says that it is given. */
const script = (claude: string, done: string): string => `#!/bin/sh
case " $* " in *" --input-format "*) exec '${claude}' "$@" ;; esac
while IFS= read -r line; do
  set -- $line
  case "$1" in
    flood) yes 'A line of a flood that is as long as lines of programs are, with a number: 1234567890' | head -c "$2" ;;
    lines) seq -f 'Line %g of the scrollback, as long as lines of programs are' "$2" ;;
  esac
  echo done
  : > '${done}'
done
`;

/** Where the program says that it has done what a line told it to. */
const doneFile = (bed: Bed): string => join(bed.root, "terminal-program-done");

async function open(lodge: LodgeProcess): Promise<string> {
  const response = await lodge.post("/api/terminals", { workspace: "" });
  if (response.status !== 200) throw new Error(`no terminal: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { session: SessionSummary }).session.id;
}

/** One key there, one key here, in turn. */
async function echoes(lodge: LodgeProcess, program: string, keys: number) {
  const bareEcho: number[] = [];
  const echo: number[] = [];
  let heard = Promise.withResolvers<void>();
  await using bare = bareProgram(program, () => heard.resolve());
  const id = await open(lodge);
  using person = await TestTerminal.open(lodge, id, { role: "control" });
  for (let key = 0; key < keys; key++) {
    heard = Promise.withResolvers();
    let at = now();
    bare.write("x");
    await heard.promise;
    bareEcho.push(now() - at);
    await Bun.sleep(keyGapMs);
    const { offset } = person;
    at = now();
    person.raw(encodeInput(new TextEncoder().encode("x")));
    await person.until(() => person.offset > offset);
    echo.push(now() - at);
    await Bun.sleep(keyGapMs);
  }
  await lodge.post(`/api/sessions/${id}/end`, {});
  return { bareEcho, echo };
}

function bareProgram(program: string, onData: () => void) {
  const child = Bun.spawn([program], { terminal: { cols: 120, rows: 40, data: onData } });
  return {
    write: (text: string) => void child.terminal?.write(text),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
    },
  };
}

async function flood(bed: Bed, lodge: LodgeProcess, client: LodgeClient, { floodBytes, turns }: TerminalAmount) {
  const id = await open(lodge);
  using person = await TestTerminal.open(lodge, id, { role: "control" });
  // Code is compiled and buffers are there after the first.
  await say(person, "flood 4000000", 4_000_000);
  person.drop();
  const calmTurns = await take(bed, client, (taken) => taken < turns);
  const before = await residentBytes(lodge.pid);
  const forgotten = await forgetPeak(lodge.pid);
  await person.connect();
  await rm(doneFile(bed), { force: true });
  const { offset } = person;
  person.type(`flood ${floodBytes}\r`);
  // Nobody watches: what it costs is the server's, not that of a viewer in this process.
  await person.until(() => person.offset > offset);
  person.drop();
  const floodedTurns = await take(bed, client, () => !existsSync(doneFile(bed)));
  const peak = forgotten ? await peakBytes(lodge.pid) : undefined;
  await lodge.post(`/api/sessions/${id}/end`, {});
  return { growth: before === undefined || peak === undefined ? [] : [peak - before], calmTurns, floodedTurns };
}

/** One line, and what it brings, on the screen. */
async function say(person: TestTerminal, line: string, bytes: number): Promise<void> {
  const { offset } = person;
  person.type(`${line}\r`);
  await person.until(() => person.offset >= offset + bytes, floodLimitMs);
}

async function take(bed: Bed, client: LodgeClient, goesOn: (taken: number) => boolean): Promise<number[]> {
  const ms: number[] = [];
  let { messages } = await client.turn([], bed.prompt());
  while (goesOn(ms.length)) {
    const turn = await client.turn(messages, bed.prompt());
    messages = turn.messages;
    ms.push(turn.ms);
    await Bun.sleep(100);
  }
  return ms;
}

async function converge(lodge: LodgeProcess, count: number): Promise<number[]> {
  const id = await open(lodge);
  using stack = new DisposableStack();
  const person = stack.use(await TestTerminal.open(lodge, id, { role: "control" }));
  const viewers = await Promise.all(Array.from({ length: count }, () => TestTerminal.open(lodge, id)));
  for (const viewer of viewers) stack.use(viewer);
  await say(person, "flood 2000000", 2_000_000);
  const at = now();
  await person.until(() => person.text.trimEnd().endsWith("done"), floodLimitMs);
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.offset === person.offset, floodLimitMs)));
  const same = viewers.every((viewer) => viewer.text === person.text);
  const ms = now() - at;
  await lodge.post(`/api/sessions/${id}/end`, {});
  return same ? [ms] : [];
}

async function attach(lodge: LodgeProcess, times: number) {
  const [empty, full] = [await open(lodge), await open(lodge)];
  // A full screen each: what differs is what has been scrolled away.
  for (const [id, lines, bytes] of [
    [empty, 38, 1000],
    [full, 5100, 100_000],
  ] as const) {
    using person = await TestTerminal.open(lodge, id, { role: "control" });
    await say(person, `lines ${lines}`, bytes);
    await person.until(() => person.text.trimEnd().endsWith("done"), floodLimitMs);
  }
  await using stack = new AsyncDisposableStack();
  const browser = stack.adopt(await launchBrowser(), (opened) => opened.close());
  const attachedEmpty: number[] = [];
  const attached: number[] = [];
  // The first of each loads the page's code.
  for (let time = 0; time <= times; time++) {
    const [one, other] = [await paintedAfter(browser, lodge, empty), await paintedAfter(browser, lodge, full)];
    if (time === 0) continue;
    attachedEmpty.push(one);
    attached.push(other);
  }
  return { attachedEmpty, attached };
}
