/** Orphans: ended when their server is gone, left alone while it lives, and never mistaken for somebody else. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnGroup } from "./drivers/process-group.ts";
import { PidFiles } from "./pid-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lodge-pids-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that would run for minutes, in a group of its own. */
function longRunning() {
  const child = spawnGroup({ command: "sleep", args: ["300"], cwd: undefined, env: { PATH: process.env["PATH"] } });
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("exit", (_code, signal) => resolve(signal)),
  );
  return { pid: child.pid as number, exited, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

/** Rewrites the note as a server would have written it that is no more. */
function orphan(pid: number, change: (note: { startedAt: string; server: { startedAt: string } }) => void): void {
  const path = join(folder, `${pid}.json`);
  const note = JSON.parse(readFileSync(path, "utf8"));
  change(note);
  writeFileSync(path, JSON.stringify(note));
}

test("what a dead server left behind is ended", async () => {
  using child = longRunning();
  const files = new PidFiles(folder);
  files.add(child.pid, "a session");
  orphan(child.pid, (note) => {
    note.server.startedAt = "1";
  });
  expect(files.endOrphans()).toEqual([child.pid]);
  expect(await child.exited).toBe("SIGKILL");
  expect(readdirSync(folder)).toEqual([]);
});

test("what a living server runs is left alone", () => {
  using child = longRunning();
  const files = new PidFiles(folder);
  files.add(child.pid, "a session");
  expect(new PidFiles(folder).endOrphans()).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
});

test("a process that merely has the same id is left alone", () => {
  using child = longRunning();
  const files = new PidFiles(folder);
  files.add(child.pid, "a session");
  orphan(child.pid, (note) => {
    note.server.startedAt = "1";
    note.startedAt = "1";
  });
  expect(files.endOrphans()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("a note that cannot be read is thrown away", () => {
  writeFileSync(join(folder, "1.json"), "{");
  expect(new PidFiles(folder).endOrphans()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
