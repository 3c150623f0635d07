/** Which recording has the screen of a moment. */
import type { RecordingSummary } from "@lodge/shared";

/** A moment to show, in milliseconds since the epoch. Asked for again, it is another object. */
export interface AskedMoment {
  readonly at: number;
  /** When the next thing was said: its screen is another one. */
  readonly until?: number | undefined;
}

/** What a screen shows. */
export interface ShownMoment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether it is where a turn begins, of which the transcript tells a moment later. */
  readonly isTurn: boolean;
}

/** Milliseconds after its last event for which a recording's last screen is what there was to see. */
const afterMs = 5000;
/** Milliseconds after which a screen shows what the transcript says: the CLI writes down first, and draws then. */
export const drawnMs = 500;
/** The same on a machine that is busy; nothing is lost by it where nothing else was said meanwhile. */
export const surelyDrawnMs = 3000;

/** @param recordings the latest first */
export function recordingAt(recordings: readonly RecordingSummary[], moment: number): RecordingSummary | null {
  const latest = recordings.find(({ startedAt }) => startedAt <= moment);
  if (latest === undefined) return null;
  const { endedAt, startedAt, durationMs } = latest;
  return endedAt === null || moment <= startedAt + durationMs + afterMs ? latest : null;
}
