/**
 * Writes a transcript for a history that no session ever had, so that the CLI can resume it: one record a message,
 * linked like the CLI's own.
 */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Message } from "../conversation.ts";
import { SessionError } from "../errors.ts";
import { transcriptPath } from "./location.ts";

export interface Seed {
  configDir: string;
  cwd: string;
  sessionId: string;
  /** Full or alias; the record of an assistant message names who said it. */
  model: string;
  /** Begins with a user message, ends with an assistant message, alternates. */
  history: readonly Message[];
  /** Milliseconds since the epoch. */
  now: number;
}

export async function seedTranscript(seed: Seed): Promise<void> {
  const path = transcriptPath(seed.configDir, seed.cwd, seed.sessionId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Renamed into place: a reader sees the whole file or none.
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, seedRecords(seed), { mode: 0o600 });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new SessionError("transcript_unreadable", "The history could not be written down for the session.", {
      cause,
    });
  }
}

/** The file's text. */
export function seedRecords({ cwd, sessionId, model, history, now }: Seed): string {
  let parentUuid: string | null = null;
  let lines = "";
  for (const [index, message] of history.entries()) {
    const uuid = crypto.randomUUID();
    const record = {
      parentUuid,
      isSidechain: false,
      userType: "external",
      cwd,
      sessionId,
      // The version whose form this is, not the one that wrote it.
      version: "2.1.329",
      type: message.role,
      message: message.role === "user" ? message : assistantMessage(message, model),
      uuid,
      timestamp: new Date(now + index).toISOString(),
    };
    lines += `${JSON.stringify(record)}\n`;
    parentUuid = uuid;
  }
  return lines;
}

function assistantMessage(message: Message, model: string) {
  return {
    id: `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    type: "message",
    role: "assistant",
    model,
    content: message.content,
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0 },
  };
}
