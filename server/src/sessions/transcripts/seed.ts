/**
 * Writes a transcript for a history that no session ever had, so that the CLI can resume it, or goes on with one: one
 * record a message, linked like the CLI's own. Calls of tools in such messages are always of the client's tools.
 */
import { appendFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { toModelName } from "../client-tools/names.ts";
import { type AssistantBlock, forModel, type Message } from "../conversation.ts";
import { transcriptFailure } from "./failure.ts";
import { transcriptPath } from "./location.ts";

export interface Seed {
  configDir: string;
  cwd: string;
  sessionId: string;
  /** Full or alias; the record of an assistant message names who said it. */
  model: string;
  /** Begins with a user message. */
  history: readonly Message[];
  /** Milliseconds since the epoch. */
  now: number;
  /** The uuid of the record that it goes on from; the beginning when absent. */
  after?: string;
}

/** Resolves with the uuid of the last record. */
export async function seedTranscript(seed: Seed): Promise<string> {
  const path = transcriptPath(seed.configDir, seed.cwd, seed.sessionId);
  // Renamed into place: a reader sees the whole file or none.
  const temporary = `${path}.${process.pid}.tmp`;
  const { text, last } = seedRecords(seed);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
    return last;
  } catch (cause) {
    await rm(temporary, { force: true });
    throw transcriptFailure(cause, notWritten);
  }
}

/** Goes on with a transcript that no process has open. Resolves with the uuid of the last record. */
export async function extendTranscript(seed: Seed): Promise<string> {
  const { text, last } = seedRecords(seed);
  try {
    await appendFile(transcriptPath(seed.configDir, seed.cwd, seed.sessionId), text);
    return last;
  } catch (cause) {
    throw transcriptFailure(cause, notWritten);
  }
}

const notWritten = "The history could not be written down for the session.";

function seedRecords({ cwd, sessionId, model, history, now, after }: Seed): { text: string; last: string } {
  let parentUuid: string | null = after ?? null;
  let text = "";
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
      message:
        message.role === "user" ? { ...message, content: forModel(message.content) } : assistantMessage(message, model),
      uuid,
      timestamp: new Date(now + index).toISOString(),
    };
    text += `${JSON.stringify(record)}\n`;
    parentUuid = uuid;
  }
  return { text, last: parentUuid ?? "" };
}

function assistantMessage(message: Message, model: string) {
  return {
    id: `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    type: "message",
    role: "assistant",
    model,
    content: (message.content as AssistantBlock[]).map((block) =>
      block.type === "tool_use" ? { ...block, name: toModelName(block.name) } : block,
    ),
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0 },
  };
}
