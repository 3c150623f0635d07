/** A file as a reply: whole, a part of it, or the word that the client has it already. */
import { replyEnd } from "../../http/reply-end.ts";
import { contextOf } from "../../http/request-context.ts";
import type { OpenFile } from "../../workspaces/files/index.ts";
import { isNotModified, isSameRange } from "./conditions.ts";
import { mediaTypeOf } from "./media-type.ts";
import { rangeOf } from "./range.ts";

/** Bytes up to which a file is read at once and closed, instead of being held open for as long as a client takes. */
const smallBytes = 256 * 1024;

/**
 * Takes the file over: closes it when the last byte is out or its client is gone.
 *
 * @param own headers beside, or in place of, those that every file is sent with
 */
export async function download(
  request: Request,
  file: OpenFile,
  own: Readonly<Record<string, string>> = {},
): Promise<Response> {
  await using stack = new AsyncDisposableStack();
  stack.use(file);
  const { version, path } = file;
  const headers = new Headers({
    etag: version.etag,
    "last-modified": version.modified.toUTCString(),
    "accept-ranges": "bytes",
    // Kept by the one who asked, and asked for again with its tag each time.
    "cache-control": "private, no-cache",
    ...harmless,
    ...own,
  });
  if (isNotModified(request.headers, version)) return new Response(null, { status: 304, headers });
  headers.set("content-type", mediaTypeOf(path));
  const { size } = version;
  const context = contextOf(request);
  if (context.isHead) {
    context.headLength = size;
    return new Response(null, { headers });
  }
  const range = isSameRange(request.headers, version) ? rangeOf(request.headers.get("range"), size) : null;
  if (range === "unsatisfiable") return unsatisfiable(size, headers);
  const bytes = await file.bytes(smallBytes);
  if (bytes !== null) {
    const changed = bytes.byteLength !== size;
    if (changed) headers.delete("etag");
    if (changed || range === null) return new Response(bytes, { headers });
    headers.set("content-range", `bytes ${range.start}-${range.end - 1}/${size}`);
    return new Response(bytes.subarray(range.start, range.end), { status: 206, headers });
  }
  const held = stack.move();
  context.streaming = replyEnd(request).then(() => held.disposeAsync());
  // A file that is shortened meanwhile ends early: on a connection that stays open the client would wait for the rest.
  headers.set("connection", "close");
  // Bun answers `range` and `if-range` by itself here, the system copies, and no byte passes through this process's memory.
  return new Response(Bun.file(file.fd), { headers });
}

/** Whatever a file holds, it is shown as what its name says, and as a page it runs nothing and reaches nothing. */
const harmless = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
};

function unsatisfiable(size: number, headers: Headers): Response {
  headers.set("content-range", `bytes */${size}`);
  headers.set("content-type", "application/json");
  const detail = `The range is not within the file, which has ${size} bytes.`;
  return new Response(JSON.stringify({ detail }), { status: 416, headers });
}
