/**
 * A transcript cut off after one message, under a new session id: what a fork resumes from where the CLI itself cannot
 * (`resumeSessionAt` counts in its headless mode only).
 */
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { SessionError } from "../errors.ts";
import { transcriptFailure } from "./failure.ts";
import { LineSplitter } from "./lines.ts";
import { transcriptPath } from "./location.ts";

export interface Cut {
  configDir: string;
  cwd: string;
  /** The session whose transcript is read, and the uuid of the last record that is wanted of it. */
  from: string;
  at: string;
  /** The id of the new session. */
  to: string;
}

const maxRecordBytes = 64 * 1024 * 1024;
/** Characters gathered before they are written. */
const writeBatch = 256 * 1024;

/** @throws SessionError `transcript_unreadable` when there is no such transcript or message, `disk_full` */
export async function cutTranscript({ configDir, cwd, from, at, to }: Cut): Promise<void> {
  const target = transcriptPath(configDir, cwd, to);
  // Renamed into place: a reader sees the whole file or none.
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const found = await copy(transcriptPath(configDir, cwd, from), temporary, { from, at, to });
    if (!found) throw new SessionError("transcript_unreadable", "The message to go on from is not in the transcript.");
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw transcriptFailure(cause, "The transcript to go on from could not be read.");
  }
}

async function copy(source: string, target: string, cut: { from: string; at: string; to: string }): Promise<boolean> {
  let out: FileHandle | undefined;
  let batch = "";
  let found = false;
  const splitter = new LineSplitter(maxRecordBytes, {
    line(text) {
      if (found) return;
      const record = cutRecord(text, cut.from, cut.to);
      if (!record) return;
      batch += `${record.line}\n`;
      found = record.uuid === cut.at;
    },
    tooLong() {},
  });
  try {
    for await (const chunk of createReadStream(source) as AsyncIterable<Uint8Array>) {
      splitter.push(chunk);
      out ??= await open(target, "w", 0o600);
      if (batch.length >= writeBatch) {
        await out.write(batch);
        batch = "";
      }
      if (found) break;
    }
    if (!found) splitter.end();
    await out?.write(batch);
  } finally {
    await out?.close();
  }
  return found;
}

/** One record under its new session's id; what else it says is kept. Null when it cannot be read. */
export function cutRecord(line: string, from: string, to: string): { line: string; uuid: string | null } | null {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record !== "object" || record === null) return null;
    const moved: Record<string, unknown> = { ...record };
    for (const key of ["sessionId", "session_id"]) if (moved[key] === from) moved[key] = to;
    return { line: JSON.stringify(moved), uuid: typeof moved["uuid"] === "string" ? moved["uuid"] : null };
  } catch {
    return null;
  }
}
