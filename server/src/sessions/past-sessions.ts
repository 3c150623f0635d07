/** What is done to sessions apart from turns: one is branched off another, or deleted with all that was said in it. */
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { SessionStore } from "../store/session-store.ts";
import { SessionError } from "./errors.ts";
import { cutTranscript } from "./transcripts/cut.ts";
import { sessionFolder, transcriptPath } from "./transcripts/location.ts";

interface Place {
  store: SessionStore;
  /** The CLI's config folder, where its transcripts are. */
  configDir: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * A new session whose transcript is another's up to one message. It has had no turns and cost nothing yet.
 *
 * @param at uuid of that message; the latest answer when absent
 * @returns the new session's id
 * @throws SessionError `session_unknown`, `session_busy` in mid-turn, `transcript_unreadable` when there is no such message
 */
export async function forkSession({ store, configDir, now }: Place, from: string, at?: string): Promise<string> {
  const record = store.get(from);
  if (!record) throw new SessionError("session_unknown", "There is no session with that id.");
  const last = at ?? record.tip;
  if (last === null) {
    throw new SessionError(
      "session_busy",
      "Its latest turn has not come to an answer. Wait for it, or fork from an entry of the transcript.",
    );
  }
  const to = crypto.randomUUID();
  await cutTranscript({ configDir, cwd: record.cwd, from, at: last, to });
  store.save({
    ...record,
    id: to,
    source: null,
    turns: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    // Of the whole of it; how much that is up to an earlier message its next turn tells.
    contextTokens: last === record.tip ? record.contextTokens : null,
    startedAt: now,
    lastActiveAt: now,
    tip: last,
  });
  return to;
}

/**
 * Tells the sessions of a folder, and of those below it, that it is called otherwise now: their transcripts go where the
 * CLI looks for them. None of them may have a process.
 *
 * @param from absolute, as is `to`
 */
export async function relocateSessions({ store, configDir }: Place, from: string, to: string): Promise<void> {
  for (const { id, cwd } of store.below(from)) {
    const target = to + cwd.slice(from.length);
    for (const pathOf of [transcriptPath, sessionFolder]) {
      const moved = pathOf(configDir, target, id);
      await mkdir(dirname(moved), { recursive: true, mode: 0o700 });
      await rename(pathOf(configDir, cwd, id), moved).catch((error: NodeJS.ErrnoException) => {
        // Nothing was said yet, or the CLI keeps nothing beside the transcript.
        if (error.code !== "ENOENT") throw error;
      });
    }
    store.relocate(id, target);
  }
}

/**
 * What its turns took stays counted.
 *
 * @param endProcess ends what still has the transcript open
 * @throws SessionError `session_unknown`
 */
export async function deleteSession(
  { store, configDir, now }: Place,
  id: string,
  endProcess: () => Promise<void>,
): Promise<void> {
  const record = store.get(id);
  if (!record) throw new SessionError("session_unknown", "There is no session with that id.");
  // First: nobody goes on with it from here on.
  store.delete(id, now);
  await endProcess();
  await rm(transcriptPath(configDir, record.cwd, id), { force: true });
  await rm(sessionFolder(configDir, record.cwd, id), { recursive: true, force: true });
}
