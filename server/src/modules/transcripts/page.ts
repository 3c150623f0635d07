/** Pages of a transcript: bounded in entries, in characters and in what is read for them. */
import { type TranscriptEntry, transcriptLimits, type TranscriptPage } from "@lodge/shared";
import { TranscriptFile, type TranscriptLine } from "../../sessions/index.ts";
import { cutEntry } from "./cut.ts";
import { entriesOf } from "./entries.ts";

/** Bytes of the file that are read for one page: most records say nothing to a person, and some are long. */
const readLimit = 16 * 1024 * 1024;
/** Characters of one page as JSON, about. */
const sizeLimit = 1_000_000;

export interface PageQuery {
  after?: string | undefined;
  before?: string | undefined;
  limit: number;
}

/** The page that is asked for; that of a transcript which is not there yet is empty. */
export async function readPage(path: string, { after, before, limit }: PageQuery): Promise<TranscriptPage> {
  await using file = await TranscriptFile.open(path);
  const asked = parseCursor(after ?? before);
  if (!file) return { ...emptyPage, newer: cursor(0, 0), replaced: asked !== null && asked.inode !== 0 };
  const replaced = asked !== null && (asked.inode !== file.inode || asked.offset > file.size);
  if (asked === null || replaced) {
    const { records, skipped, first, last } = await collect(file.backward(file.size), limit, file);
    // Where nothing is said yet, the first record will begin the file.
    const newer = cursor(file.inode, last ?? 0);
    return { ...emptyPage, entries: records.toReversed().flat(), skipped, older: olderThan(first), newer, replaced };
  }
  if (after !== undefined) {
    const { records, skipped, last, more } = await collect(file.forward(asked.offset), limit, file);
    return { ...emptyPage, entries: records.flat(), skipped, newer: cursor(file.inode, last ?? asked.offset), more };
  }
  const { records, skipped, first } = await collect(file.backward(asked.offset), limit, file);
  return { ...emptyPage, entries: records.toReversed().flat(), skipped, older: olderThan(first) };

  function olderThan(offset: number | undefined): string | null {
    return offset === undefined || offset === 0 || !file ? null : cursor(file.inode, offset);
  }
}

/** One entry with all that it says; null when it is not there. */
export async function readEntry(path: string, id: string, whole: string): Promise<TranscriptEntry | null> {
  await using file = await TranscriptFile.open(path);
  const at = parseCursor(whole);
  if (!file || at === null || at.inode !== file.inode) return null;
  for await (const { record } of file.forward(at.offset)) {
    const entry = record && entriesOf(record).find((each) => each.id === id);
    return entry ? cutEntry(entry, transcriptLimits.wholeText) : null;
  }
  return null;
}

const emptyPage: TranscriptPage = { entries: [], older: null, newer: null, more: false, skipped: 0, replaced: false };

interface Collected {
  /** What each record says, in the order in which they were read. */
  records: TranscriptEntry[][];
  skipped: number;
  /** Offsets in the file: the lowest that was read, and the highest. */
  first: number | undefined;
  last: number | undefined;
  /** The page was full before the lines were over. */
  more: boolean;
}

async function collect(
  lines: AsyncIterable<TranscriptLine>,
  limit: number,
  { inode }: TranscriptFile,
): Promise<Collected> {
  const collected: Collected = { records: [], skipped: 0, first: undefined, last: undefined, more: false };
  let count = 0;
  let size = 0;
  for await (const { offset, end, record } of lines) {
    collected.first = Math.min(offset, collected.first ?? offset);
    collected.last = Math.max(end, collected.last ?? end);
    if (!record) collected.skipped++;
    const entries = (record ? entriesOf(record) : []).map((entry) =>
      cutEntry(entry, transcriptLimits.text, cursor(inode, offset)),
    );
    collected.records.push(entries);
    count += entries.length;
    size += entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
    const full = count >= limit || size >= sizeLimit;
    if (full || collected.last - collected.first >= readLimit) {
      collected.more = true;
      break;
    }
  }
  return collected;
}

const cursor = (inode: number, offset: number): string => `${inode.toString(36)}-${offset}`;

function parseCursor(text: string | undefined): { inode: number; offset: number } | null {
  const [inode, offset] = text?.split("-") ?? [];
  if (inode === undefined || offset === undefined) return null;
  return { inode: Number.parseInt(inode, 36), offset: Number(offset) };
}
