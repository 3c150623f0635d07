/**
 * What an edit of a file stands on, and what became of the file meanwhile. Nothing is written over a version that its
 * writer has not seen.
 */
import { ApiFailure } from "../../lib/api-failure.ts";
import type { Content } from "./requests.ts";

/** How files are read and written; the page's own or a test's. */
export interface Disk {
  read(): Promise<Content | null>;
  write(text: string, over: { etag: string } | "nothing"): Promise<string>;
}

/** What the next write takes the place of: a version, or nothing. */
export type Base = { etag: string } | "nothing";

export type SaveOutcome =
  | { type: "saved"; base: Base }
  /** Somebody else wrote it meanwhile: nothing was written, and this is what is there. */
  | { type: "changed"; theirs: Content }
  /** It is not there any more: the next write may make it anew. */
  | { type: "gone" }
  /** It is no text any more. */
  | { type: "unreadable" };

/** @throws ApiFailure when it could be neither written nor told why */
export async function save(disk: Disk, text: string, base: Base): Promise<SaveOutcome> {
  try {
    return { type: "saved", base: { etag: await disk.write(text, base) } };
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 412) throw error;
  }
  const theirs = await disk.read().catch((error: unknown) => {
    if (error instanceof ApiFailure && error.status === 404) return "gone" as const;
    throw error;
  });
  if (theirs === "gone") return { type: "gone" };
  if (theirs === null) return { type: "unreadable" };
  // Written by this very page: the answer to an earlier save was lost on the way.
  if (theirs.text === text) return { type: "saved", base: { etag: theirs.etag } };
  return { type: "changed", theirs };
}
