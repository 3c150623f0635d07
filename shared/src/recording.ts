/** Recordings of terminals, under `/api/recordings`. The recording itself is a text in the format asciicast v2. */
import { z } from "zod";
import { driverName } from "./session.ts";

export const recordingLimits = {
  /** Recordings in one listing; the newest come first. */
  listing: 200,
  /** Characters of a mark's words. */
  mark: 200,
} as const;

/** Why a recording ends before its terminal did. */
export const recordingFault = z.enum([
  /** The server was killed, or the machine went down: it ends up to half a second before that. */
  "server_died",
  /** The disk is full, or refused. */
  "write_failed",
  /** The terminal wrote faster than the disk took it. */
  "too_slow",
]);
export type RecordingFault = z.infer<typeof recordingFault>;

export const recordingState = z.discriminatedUnion("name", [
  /** The terminal goes on, and so does its recording. */
  z.object({ name: z.literal("recording") }),
  z.object({ name: z.literal("complete") }),
  z.object({ name: z.literal("incomplete"), fault: recordingFault }),
]);
export type RecordingState = z.infer<typeof recordingState>;

/** One process of a session, from its start to its end. */
export const recordingSummary = z.object({
  id: z.uuid(),
  sessionId: z.uuid(),
  driver: driverName,
  state: recordingState,
  /** Milliseconds since the epoch. */
  startedAt: z.number().int(),
  /** Null while it goes on. */
  endedAt: z.number().int().nullable(),
  /** Milliseconds up to its latest event. */
  durationMs: z.number().int().min(0),
  /** On disk. */
  bytes: z.number().int().min(0),
  /** The terminal's size at the beginning. */
  cols: z.number().int(),
  rows: z.number().int(),
  /** Whether what a person typed is in it too. */
  hasInput: z.boolean(),
  /** Whether it grew too long, so that its beginning is gone. */
  isCut: z.boolean(),
});
export type RecordingSummary = z.infer<typeof recordingSummary>;
