/** Every way in which a transcript is written, where there is no room: told by its name, and nothing half written stays. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { say } from "../testing/fake-cli.ts";
import { cutTranscript } from "./cut.ts";
import { transcriptPath } from "./location.ts";
import { extendTranscript, seedTranscript } from "./seed.ts";

const configDir = mkdtempSync(join(tmpdir(), "lodge-full-"));
const path = (sessionId: string) => transcriptPath(configDir, "/w", sessionId);
beforeAll(() => {
  mkdirSync(dirname(path("a")), { recursive: true });
  writeFileSync(path("there"), `${JSON.stringify({ type: "user", uuid: "1", sessionId: "there" })}\n`);
});
afterAll(() => rmSync(configDir, { recursive: true, force: true }));

const seed = (sessionId: string) => ({
  configDir,
  cwd: "/w",
  sessionId,
  model: "sonnet",
  history: [say("user", "a"), say("assistant", "b")],
  now: 0,
});

test.each([
  ["a history that is seeded", "seeded", (id: string) => seedTranscript(seed(id))],
  ["a fork", "forked", (id: string) => cutTranscript({ configDir, cwd: "/w", from: "there", at: "1", to: id })],
])("%s", async (_name, id, write) => {
  // The kernel's own full disk, in the place of what is written before it is renamed.
  symlinkSync("/dev/full", `${path(id)}.${process.pid}.tmp`);
  const error: unknown = await write(id).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: "disk_full", message: expect.stringContaining("no room left") });
  expect(readdirSync(dirname(path(id))).filter((name) => name.startsWith(id))).toEqual([]);
});

test("one that is gone on with", async () => {
  symlinkSync("/dev/full", path("extended"));
  const error: unknown = await extendTranscript(seed("extended")).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: "disk_full" });
});
