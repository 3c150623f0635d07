import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cutRecord, cutTranscript } from "./cut.ts";
import { transcriptPath } from "./location.ts";

const records = [
  { type: "mode", mode: "normal", sessionId: "old" },
  { type: "user", uuid: "1", sessionId: "old", session_id: "old", message: { content: "says old" } },
  { type: "future-record", anything: { nested: [1] }, sessionId: "old" },
  { type: "assistant", uuid: "2", sessionId: "old" },
  { type: "user", uuid: "3", sessionId: "old" },
];

async function withTranscript(run: (configDir: string) => Promise<void>): Promise<void> {
  const configDir = mkdtempSync(join(tmpdir(), "cut-"));
  try {
    const path = transcriptPath(configDir, "/w", "old");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${records.map((record) => JSON.stringify(record)).join("\n")}\nnot json\n`);
    await run(configDir);
  } finally {
    rmSync(configDir, { recursive: true, force: true });
  }
}

test("holds the records up to and with the message, under the new id", async () => {
  await withTranscript(async (configDir) => {
    await cutTranscript({ configDir, cwd: "/w", from: "old", at: "2", to: "new" });
    const lines = readFileSync(transcriptPath(configDir, "/w", "new"), "utf8")
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { type: "mode", mode: "normal", sessionId: "new" },
      { type: "user", uuid: "1", sessionId: "new", session_id: "new", message: { content: "says old" } },
      { type: "future-record", anything: { nested: [1] }, sessionId: "new" },
      { type: "assistant", uuid: "2", sessionId: "new" },
    ]);
  });
});

test.each(["nowhere", ""])("a message that is not there: %j", async (at) => {
  await withTranscript(async (configDir) => {
    const cut = cutTranscript({ configDir, cwd: "/w", from: "old", at, to: "new" });
    expect(await cut.catch((error: unknown) => error)).toMatchObject({ kind: "transcript_unreadable" });
    expect(readdirSync(dirname(transcriptPath(configDir, "/w", "new")))).toEqual(["old.jsonl"]);
  });
});

test("a transcript that is not there", async () => {
  await withTranscript(async (configDir) => {
    const cut = cutTranscript({ configDir, cwd: "/w", from: "other", at: "2", to: "new" });
    expect(await cut.catch((error: unknown) => error)).toMatchObject({ kind: "transcript_unreadable" });
  });
});

test("another session's id in a record is left alone", () => {
  const line = JSON.stringify({ type: "x", uuid: "u", sessionId: "third" });
  expect(cutRecord(line, "old", "new")).toEqual({ line, uuid: "u" });
  expect(cutRecord("{", "old", "new")).toBeNull();
});
