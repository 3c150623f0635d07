/**
 * A folder as a ZIP archive that is made while it is sent: no more of it is held than one piece of one file and the names
 * of those that were sent. Links are left out: what they lead to is in its own place.
 */
import { readdir } from "node:fs/promises";
import { makeZip } from "client-zip";
import { codeOf, WorkspaceError } from "../errors.ts";
import type { Found, Handle } from "../jail/index.ts";
import { OpenFile } from "./open-file.ts";
import { isTemporary } from "./temporary.ts";

/** Bytes read at one time. */
const pieceBytes = 256 * 1024;
/** Files and folders of one archive: its index is held until the end, some 150 bytes for each. */
const maxEntries = 200_000;

interface Entry {
  name: string;
  lastModified: Date;
  input?: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** @param open finds the folder, which is let go of at the end of the stream, however that comes */
export function zipFolder(open: () => Promise<Found>, signal: AbortSignal): ReadableStream<Uint8Array> {
  return makeZip(entries(open, signal) as AsyncIterable<Required<Entry>>, { buffersAreUTF8: true });
}

async function* entries(open: () => Promise<Found>, signal: AbortSignal): AsyncGenerator<Entry> {
  using held = await open();
  let count = 0;
  yield* below(held.found, "");

  async function* below(at: Handle, path: string): AsyncGenerator<Entry> {
    for (const name of (await readdir(at.path)).toSorted()) {
      signal.throwIfAborted();
      if (isTemporary(name)) continue;
      const found = await at.find(name).catch((error: unknown) => {
        // Not this server's to read; what is gone comes back as null.
        if (codeOf(error) === "EACCES") return null;
        throw error;
      });
      if (found === null || found === "link") continue;
      using child = found;
      if (++count > maxEntries) throw new WorkspaceError("invalid", "The folder has too many files for one archive.");
      if (child.stats.isDirectory()) {
        // A folder with something in it is told of by what is in it.
        yield { name: `${path}${name}/`, lastModified: child.stats.mtime };
        yield* below(child, `${path}${name}/`);
      } else if (child.stats.isFile()) {
        const opened = await OpenFile.from(child, path + name).catch(skipUnreadable);
        if (opened === null) continue;
        using file = opened;
        yield { name: path + name, lastModified: child.stats.mtime, input: pieces(file) };
      }
    }
  }
}

function skipUnreadable(error: unknown): null {
  if (error instanceof WorkspaceError && (error.kind === "denied" || error.kind === "missing")) return null;
  throw error;
}

async function* pieces(file: OpenFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { size } = file.version;
  // One that grows meanwhile, as logs do, is as long as it was.
  for (let at = 0; at < size;) {
    const piece = await file.part(at, Math.min(pieceBytes, size - at));
    if (piece.byteLength === 0) return;
    at += piece.byteLength;
    yield piece;
  }
}
