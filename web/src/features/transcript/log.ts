/** What is known of a transcript, and how one page changes it. */
import type { TranscriptEntry, TranscriptPage } from "@lodge/shared";

/** Entries kept in one page of the browser; of a longer transcript the oldest are not asked for. */
export const maxEntries = 20_000;

export interface TranscriptLog {
  /** Oldest first. */
  entries: readonly TranscriptEntry[];
  /** Cursor of what is before them; null at the beginning. */
  older: string | null;
  /** Cursor of what comes after them; null until the first page. */
  newer: string | null;
  /** Records that could not be read. */
  skipped: number;
}

export const emptyLog: TranscriptLog = { entries: [], older: null, newer: null, skipped: 0 };

/** @param direction what was asked for: the end of the transcript, what is before the entries, or what is after */
export function applyPage(
  log: TranscriptLog,
  page: TranscriptPage,
  direction: "end" | "older" | "newer",
): TranscriptLog {
  if (direction === "end" || page.replaced) {
    return { entries: page.entries, older: page.older, newer: page.newer, skipped: page.skipped };
  }
  const skipped = log.skipped + page.skipped;
  if (direction === "older") {
    return { ...log, entries: [...page.entries, ...log.entries], older: page.older, skipped };
  }
  const { newer } = page;
  // The same objects where nothing is new, so that nothing renders.
  if (page.entries.length === 0) return newer === log.newer && page.skipped === 0 ? log : { ...log, newer, skipped };
  return { ...log, entries: [...log.entries, ...page.entries], newer, skipped };
}
