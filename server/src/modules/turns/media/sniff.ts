/**
 * What bytes are, told from the bytes: a name or a header that a client gives is only a guess. Five signatures, each
 * fixed by its format, and only as much of the file as they need.
 */

export type MediaType = "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "application/pdf";

/** Bytes at the beginning that are looked at. */
export const sniffed = 1024;

const png = "\u0089PNG\r\n\u001a\n";
const jpeg = "\u00ff\u00d8\u00ff";

/** Null for what is none of those that the model is shown. */
export function sniff(bytes: Uint8Array): MediaType | null {
  const start = Buffer.from(bytes.subarray(0, sniffed)).toString("latin1");
  if (start.startsWith(png)) return "image/png";
  if (start.startsWith(jpeg)) return "image/jpeg";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "image/gif";
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "image/webp";
  // Some programs leave a byte order mark or an empty line before it, and readers pass over that.
  if (/^(?:\u00ef\u00bb\u00bf)?\s*%PDF-/.test(start)) return "application/pdf";
  return null;
}
