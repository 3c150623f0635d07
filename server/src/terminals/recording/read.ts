/** Reads a recording from its files: as one whole, as far as it has come, whatever cut it off. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { segmentIndex, segmentName, shifted, timeOf } from "./cast.ts";

/** Characters handed on at once. */
const pieceLength = 64 * 1024;
/** Lines before a later segment's own: its header, and the screen as it was. */
const preamble = 2;

/** Segments that are there, in order; none when there is no such folder. */
async function segmentsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .map(segmentIndex)
    .filter((index) => index !== null)
    .sort((a, b) => a - b);
}

/** The recording as one text, complete lines only: a header, and all events from the first one that is there. */
export async function* readCast(folder: string): AsyncGenerator<string> {
  let gathered = "";
  let base: number | null = null;
  let isFirst = true;
  for (const index of await segmentsIn(folder)) {
    let number = 0;
    for await (const line of completeLines(join(folder, segmentName(index)))) {
      number++;
      if (!isFirst && number <= preamble) continue;
      // A recording whose beginning is gone begins with its first screen.
      if (base === null && number === 2) base = index === 0 ? 0 : (timeOf(line) ?? 0);
      gathered += `${base === null ? line : shifted(line, base)}\n`;
      if (gathered.length < pieceLength) continue;
      yield gathered;
      gathered = "";
    }
    // One that was begun when the server died may be empty, or have half a header.
    if (number > 0) isFirst = false;
  }
  if (gathered !== "") yield gathered;
}

/** What is left of a recording whose server died: bytes on disk, and milliseconds up to its last event. */
export async function measure(folder: string): Promise<{ bytes: number; durationMs: number; isCut: boolean }> {
  const segments = await segmentsIn(folder);
  let bytes = 0;
  for (const index of segments) bytes += (await stat(join(folder, segmentName(index)))).size;
  let durationMs = 0;
  for (const index of segments.slice(-2)) {
    for await (const line of completeLines(join(folder, segmentName(index)))) durationMs = timeOf(line) ?? durationMs;
  }
  return { bytes, durationMs, isCut: (segments[0] ?? 0) > 0 };
}

/** Lines that end as they should; the last one may have been cut off. */
async function* completeLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { encoding: "utf8" });
  let isWhole = false;
  file.on("data", (text) => {
    isWhole = text.at(-1) === "\n";
  });
  const lines = createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  let latest: string | null = null;
  for await (const line of lines) {
    if (latest !== null) yield latest;
    latest = line;
  }
  if (latest !== null && isWhole) yield latest;
}
