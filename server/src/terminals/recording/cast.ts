/**
 * Asciicast v2: a header and one event a line, each with its seconds since the beginning. A recording is kept in
 * segments that can each be played alone: a header, then the screen as it was, then what came after. Their times count
 * from the beginning of the whole recording. https://docs.asciinema.org/manual/asciicast/v2/
 */
import type { Size } from "../../emulator/index.ts";

/** What came, at so many milliseconds since the beginning. */
export type CastEvent =
  | { type: "output"; at: number; text: string }
  | { type: "input"; at: number; text: string }
  | { type: "resize"; at: number; size: Size }
  /** A place to go to, with its name. */
  | { type: "mark"; at: number; text: string };

/** @param startedAt milliseconds since the epoch */
export function headerLine({ cols, rows }: Size, startedAt: number, title: string): string {
  const timestamp = Math.floor(startedAt / 1000);
  return `${JSON.stringify({ version: 2, width: cols, height: rows, timestamp, title, env: { TERM: "xterm-256color" } })}\n`;
}

export function eventLine(event: CastEvent): string {
  return `${eventStart(event)}${JSON.stringify(dataOf(event)).slice(1, -1)}${eventEnd}`;
}

/** What stands before an event's data, and behind it: its data is what JSON has between quotes. */
export const eventStart = ({ at, type }: Pick<CastEvent, "at" | "type">): string =>
  `[${seconds(at)}, "${codes[type]}", "`;
export const eventEnd = '"]\n';

const codes: Record<CastEvent["type"], string> = { output: "o", input: "i", resize: "r", mark: "m" };

const dataOf = (event: CastEvent): string =>
  event.type === "resize" ? `${event.size.cols}x${event.size.rows}` : event.text;

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

/** Milliseconds since the beginning at which an event's line says that it came; null when it is no such line. */
export function timeOf(line: string): number | null {
  const [, time] = /^\[(\d+(?:\.\d+)?), "/.exec(line) ?? [];
  return time === undefined ? null : Math.round(Number(time) * 1000);
}

/** The same event, so many milliseconds earlier. */
export function shifted(line: string, ms: number): string {
  const at = timeOf(line);
  return at === null || ms === 0 ? line : `[${seconds(at - ms)}${line.slice(line.indexOf(","))}`;
}

export const segmentName = (index: number): string => `${String(index).padStart(6, "0")}.cast`;

/** The segment that a file's name stands for; null when it is none. */
export function segmentIndex(name: string): number | null {
  const [, digits] = /^(\d{6,})\.cast$/.exec(name) ?? [];
  return digits === undefined ? null : Number(digits);
}
