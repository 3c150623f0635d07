/** Viewers of terminals that come, type, resize, lose the line and go, over and over, and what is left of it all. */
import { readdirSync, readFileSync } from "node:fs";
import type { SessionSummary } from "@lodge/shared";
import { spawnLodge, temporaryFolder } from "./process.ts";
import { eventually } from "./processes.ts";
import { TestTerminal } from "./terminal.ts";

export interface TerminalSoakReport {
  rounds: number;
  /** Bytes that the server holds in memory, after the first rounds and at the end. */
  before: number;
  after: number;
  fileDescriptorsBefore: number;
  fileDescriptorsAfter: number;
}

export interface TerminalSoakOptions {
  /** Rounds before those that count: code is compiled and buffers are filled in them. */
  warmUp: number;
  /** Asked before each round. */
  goesOn: (round: number) => boolean;
  viewers: number;
}

export async function terminalSoak({ warmUp, goesOn, viewers }: TerminalSoakOptions): Promise<TerminalSoakReport> {
  await using folder = await temporaryFolder();
  await using lodge = await spawnLodge({
    LODGE_DATA: folder.path,
    LODGE_LOG_LEVEL: "error",
    LODGE_SPARES: "0",
    LODGE_IDLE_SECONDS: "86400",
  });
  const opened = await lodge.post("/api/terminals", { workspace: "" });
  const { session } = (await opened.json()) as { session: SessionSummary };
  using person = await TestTerminal.open(lodge, session.id, { role: "control", cols: 100, rows: 30 });
  await person.shows("for agents");

  const round = async (number: number): Promise<void> => {
    using stack = new DisposableStack();
    const watching = await Promise.all(
      Array.from({ length: viewers }, () => TestTerminal.open(lodge, session.id).then((viewer) => stack.use(viewer))),
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
  };

  for (let number = 0; number < warmUp; number++) await round(number);
  const alone = () => person.until(() => person.last("viewers")?.viewers.length === 1);
  await alone();
  const before = footprint(lodge.pid);
  let rounds = 0;
  while (goesOn(rounds)) await round(warmUp + rounds++);
  await alone();
  let after = footprint(lodge.pid);
  // Sockets close a moment after their viewers are gone.
  await eventually(
    "the file descriptors are as before",
    () => {
      after = footprint(lodge.pid);
      return after.fileDescriptors <= before.fileDescriptors + 2;
    },
    15_000,
  );
  return {
    rounds,
    before: before.bytes,
    after: after.bytes,
    fileDescriptorsBefore: before.fileDescriptors,
    fileDescriptorsAfter: after.fileDescriptors,
  };
}

function footprint(pid: number): { bytes: number; fileDescriptors: number } {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return { bytes: Number(kilobytes) * 1024, fileDescriptors: readdirSync(`/proc/${pid}/fd`).length };
}
