/** A program on a terminal of its own, in a process group of its own. */
import type { Clock } from "../../clock.ts";
import { endLeftovers, ownedBy, signalGroup } from "../process-group.ts";
import type { Size } from "./screen.ts";

export interface PtyOptions extends Size {
  command: string[];
  cwd: string;
  env: Record<string, string>;
  /** The session that it works for, by which what it leaves behind is found. */
  sessionId: string;
  clock: Clock;
  onOutput: (bytes: Uint8Array) => void;
}

/** Milliseconds that a program has to go after it was asked to, before it is killed. */
const graceMs = 400;
/** Bytes typed that the program has not read, beyond which no more is taken: Bun keeps all of it, without end. */
const maxUnread = 4 * 1024 * 1024;

export class Pty {
  readonly exited: Promise<void>;
  readonly #process: Bun.Subprocess;
  readonly #terminal: Bun.Terminal;
  readonly #clock: Clock;
  #unread = 0;
  #ending: Promise<void> | undefined;

  /** @throws Error when there is no such program */
  constructor({ command, cwd, env, sessionId, cols, rows, clock, onOutput }: PtyOptions) {
    this.#clock = clock;
    // The child of such a terminal leads a session of its own, and so a process group.
    this.#process = Bun.spawn(command, {
      cwd,
      env: ownedBy(sessionId, env),
      terminal: {
        cols,
        rows,
        data: (_terminal, bytes) => onOutput(bytes),
        drain: () => {
          this.#unread = 0;
        },
      },
    });
    const { terminal } = this.#process;
    if (!terminal) throw new Error("the process has no terminal");
    this.#terminal = terminal;
    this.exited = this.#process.exited.then(() => {
      endLeftovers(this.pid, sessionId, false);
      this.#terminal.close();
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What the program ended with; null while it runs, and after a signal. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** False when it was not taken: the program is gone, or does not read what is typed. */
  write(data: string | Uint8Array<ArrayBuffer>): boolean {
    const length = Buffer.byteLength(data);
    if (this.#terminal.closed || this.#unread + length > maxUnread) return false;
    this.#unread += length;
    this.#terminal.write(data);
    return true;
  }

  resize({ cols, rows }: Size): void {
    if (!this.#terminal.closed) this.#terminal.resize(cols, rows);
  }

  /** Asks the program to go, then kills it with all its children. Bounded, and may be called more than once. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    // The leader alone: it ends its own children, and writes the rest of its transcript.
    if (this.#process.exitCode === null) this.#process.kill("SIGTERM");
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.after(graceMs, resolve);
    await Promise.race([this.exited, late]);
    signalGroup(this.pid, "SIGKILL");
    await this.exited;
  }
}
