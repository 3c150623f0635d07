/** Whether a file is text, from its beginning. */
import type { OpenFile } from "./open-file.ts";

/** Bytes that are looked at. */
const lookedAt = 8192;

export async function isText(file: OpenFile): Promise<boolean> {
  return isTextual(await file.part(0, lookedAt), file.version.size <= lookedAt);
}

/**
 * UTF-8 without a zero byte, which every binary format has and no text.
 *
 * @param whole whether nothing follows; a character that is cut in two at the end is none of a text then
 */
export function isTextual(bytes: Uint8Array, whole: boolean): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}
