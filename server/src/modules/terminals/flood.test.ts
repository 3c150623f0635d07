// A program on a real PTY that writes faster than its screen is kept: it is stopped and let go on, and nothing is lost.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { systemClock } from "../../sessions/clock.ts";
import { signalGroup } from "../../sessions/drivers/process-group.ts";
import { Pty } from "../../sessions/drivers/terminal/pty.ts";
import { TerminalHub } from "../../terminals/index.ts";

/** Bytes in all, and how many come at once: more than may wait, however fast this machine is. */
const bytes = 6 * 1024 * 1024;
const burst = 2 * 1024 * 1024;

test("a flooding program is stopped by a signal until its screen has caught up, and every byte arrives", async () => {
  using hub = new TerminalHub();
  const listeners = new Set<(bytes: Uint8Array) => void>();
  const sessionId = crypto.randomUUID();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let delivered = 0;
  const deliver = () => {
    delivered += heldBytes;
    for (const output of held) for (const listener of listeners) listener(output);
    held = [];
    heldBytes = 0;
  };
  const pty = new Pty({
    // A sequence without effect in each line is quick to write and slow to read.
    command: ["sh", "-c", `yes "$(printf '\\033[1m\\033[0mx\\033[31my')" | head -c ${bytes}; printf 'the end'`],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    sessionId,
    cols: 80,
    rows: 24,
    clock: systemClock,
    onOutput: (output) => {
      held.push(output.slice());
      heldBytes += output.length;
      if (heldBytes >= burst) deliver();
    },
  });
  let stopped = 0;
  let seenStopped = false;
  const terminal = hub.open({
    sessionId,
    driver: "terminal",
    state: { name: "running" },
    source: {
      size: { cols: 80, rows: 24 },
      onOutput: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
      keyboard: {
        write: () => true,
        resize: () => {},
        pause: () => {
          stopped++;
          signalGroup(pty.pid, "SIGSTOP");
        },
        resume: () => {
          // After the name: T is stopped.
          seenStopped ||= /\) T /.test(readFileSync(`/proc/${pty.pid}/stat`, "utf8"));
          signalGroup(pty.pid, "SIGCONT");
        },
      },
    },
  });
  await pty.exited;
  deliver();
  const snapshot = await terminal.snapshot();
  const text = snapshot && new TextDecoder().decode(snapshot.gzip ? Bun.gunzipSync(snapshot.state) : snapshot.state);
  expect(text).toContain("the end");
  // The terminal's line discipline makes each end of a line two bytes.
  expect(delivered).toBeGreaterThan(bytes);
  expect(terminal.ring.end).toBe(delivered);
  expect(stopped).toBeGreaterThan(0);
  expect(seenStopped).toBe(true);
}, 60_000);
