/**
 * A note on disk for each process that runs, so that those left behind by a server that was killed can be found and
 * ended by the next one. A process is known by its id and its start time: ids are used again.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endLeftovers, signalGroup } from "./drivers/process-group.ts";

interface Note {
  pid: number;
  sessionId: string;
  startedAt: string;
  server: { pid: number; startedAt: string };
}

export class PidFiles {
  readonly #folder: string;
  readonly #server: Note["server"];

  /** @param folder made when it is missing */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#server = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? "" };
  }

  add(pid: number, sessionId: string): void {
    const startedAt = startTimeOf(pid);
    // Gone already.
    if (startedAt === null) return;
    const note: Note = { pid, sessionId, startedAt, server: this.#server };
    writeFileSync(this.#path(pid), JSON.stringify(note), { mode: 0o600 });
  }

  remove(pid: number): void {
    rmSync(this.#path(pid), { force: true });
  }

  /** Ends what servers that are no more have left behind; returns the ids of those processes. */
  endOrphans(): number[] {
    const ended: number[] = [];
    for (const name of readdirSync(this.#folder)) {
      const note = readNote(join(this.#folder, name));
      if (note && isRunning(note.server)) continue;
      // The leader's group holds whatever it started.
      if (note && isRunning(note) && signalGroup(note.pid, "SIGKILL")) ended.push(note.pid);
      if (note) endLeftovers(note.pid, note.sessionId, false);
      rmSync(join(this.#folder, name), { force: true });
    }
    return ended;
  }

  #path(pid: number): string {
    return join(this.#folder, `${pid}.json`);
  }
}

const isRunning = ({ pid, startedAt }: { pid: number; startedAt: string }): boolean => startTimeOf(pid) === startedAt;

function readNote(path: string): Note | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Note;
  } catch {
    // Half written by a server that was killed: it says nothing.
    return null;
  }
}

/** When a process started, in the system's own terms; null when there is none. */
function startTimeOf(pid: number): string | null {
  if (process.platform !== "linux") {
    const { stdout, exitCode } = Bun.spawnSync(["ps", "-o", "lstart=", "-p", String(pid)]);
    return exitCode === 0 ? stdout.toString().trim() : null;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in parentheses, may hold anything; the state is the 3rd field, the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
