/** `GET /api/session-search`: looks through what was said in every session, the latest first, and tells what it finds at once. */
import { createReadStream } from "node:fs";
import {
  sessionSearchQuery,
  type SessionSearchEvent,
  type SessionSearchHit,
  type SessionSummary,
  type TranscriptEntry,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { eventStream } from "../../http/event-stream.ts";
import { LineSplitter, type TranscriptRecord } from "../../sessions/index.ts";
import { entriesOf } from "./entries.ts";

export interface SearchSource {
  /** All that ever were, the most recently active first. */
  sessions(): Iterable<SessionSummary>;
  /** Where the transcript of a session is; null when there never was such a session. */
  transcriptPath(id: string): string | null;
}

export interface SearchBounds {
  /** Hits in all, and in one session. */
  hits: number;
  hitsPerSession: number;
  /** Milliseconds. */
  timeMs: number;
}

const defaults: SearchBounds = { hits: 200, hitsPerSession: 3, timeMs: 20_000 };

/** Bytes of one record; longer ones are pictures. */
const maxRecordBytes = 8 * 1024 * 1024;
/** Characters of a hit before and after what was looked for. */
const around = { before: 60, after: 140 };

export const sessionSearch = (source: SearchSource) =>
  new Elysia({ name: "session-search", detail: { tags: ["Dashboard"] } }).get(
    "/api/session-search",
    ({ request, query: { q } }) => eventStream(request, frames(searchTranscripts(source, q, request.signal))),
    {
      query: sessionSearchQuery,
      detail: {
        summary: "Search through the transcripts",
        description: "Server-sent events: each place where the words stand, the latest sessions first, then an end.",
      },
    },
  );

/** Ends early, and says so, at one of its bounds; without an end when the signal aborts. */
export async function* searchTranscripts(
  source: SearchSource,
  words: string,
  signal: AbortSignal,
  bounds: SearchBounds = defaults,
): AsyncGenerator<SessionSearchEvent> {
  const over = AbortSignal.timeout(bounds.timeMs);
  const stop = AbortSignal.any([signal, over]);
  let hits = 0;
  let searched = 0;
  for (const session of source.sessions()) {
    const path = source.transcriptPath(session.id);
    if (path === null) continue;
    const found = await hitsIn(session, path, words, Math.min(bounds.hitsPerSession, bounds.hits - hits), stop);
    if (signal.aborted) return;
    yield* found;
    hits += found.length;
    if (over.aborted || hits === bounds.hits) {
      yield { type: "end", searched, cut: true };
      return;
    }
    searched++;
  }
  yield { type: "end", searched, cut: false };
}

/** Whether the words stand in a record is seen in its line already, so that few records must be parsed. */
async function hitsIn(
  session: SessionSummary,
  path: string,
  words: string,
  limit: number,
  signal: AbortSignal,
): Promise<SessionSearchHit[]> {
  const needle = words.toLowerCase();
  const written = JSON.stringify(needle).slice(1, -1);
  const hits: SessionSearchHit[] = [];
  const splitter = new LineSplitter(maxRecordBytes, {
    line(text) {
      if (hits.length >= limit || !text.toLowerCase().includes(written)) return;
      const entries = entriesOf(recordOf(text));
      hits.push(...entries.flatMap((entry) => hitIn(session, entry, needle) ?? []).slice(0, limit - hits.length));
    },
    tooLong() {},
  });
  try {
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Uint8Array>) {
      splitter.push(chunk);
      if (hits.length >= limit) break;
    }
  } catch (error) {
    // No transcript yet, or none any more, holds nothing; nor does one that is left in the middle.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && !signal.aborted) throw error;
  }
  return hits;
}

function hitIn(session: SessionSummary, entry: TranscriptEntry, needle: string): SessionSearchHit | null {
  for (const text of textsOf(entry)) {
    const at = text.toLowerCase().indexOf(needle);
    if (at < 0) continue;
    const end = at + needle.length;
    const before = text.slice(Math.max(0, at - around.before), at);
    const { id, kind, at: time } = entry;
    return {
      type: "hit",
      session,
      entry: id,
      kind,
      at: time,
      before: at > around.before ? `…${before}` : before,
      match: text.slice(at, end),
      after: text.length > end + around.after ? `${text.slice(end, end + around.after)}…` : text.slice(end),
    };
  }
  return null;
}

function textsOf(entry: TranscriptEntry): string[] {
  switch (entry.kind) {
    case "user":
    case "text":
    case "thinking":
    case "tool_result":
      return [entry.text];
    case "notice":
      return [entry.title, entry.text];
    case "tool_call":
      return [entry.name, ...stringsIn(entry.input)];
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function recordOf(line: string): TranscriptRecord {
  try {
    return JSON.parse(line) as TranscriptRecord;
  } catch {
    return { type: "unreadable" };
  }
}

async function* frames(events: AsyncIterable<SessionSearchEvent>): AsyncGenerator<string> {
  for await (const event of events) yield `data: ${JSON.stringify(event)}\n\n`;
}
