/** Base64 as clients write it: in one line or many, with its padding or without. */

/**
 * The same in one line with its padding. Null for what is no base64, and for nothing at all: a decoder would pass over what
 * it does not know and make other bytes of it.
 */
export function plainBase64(text: string): string | null {
  const line = /\s/.test(text) ? text.replaceAll(/\s+/g, "") : text;
  const bare = line.replace(/={1,2}$/, "");
  if (bare === "" || bare.length % 4 === 1 || !/^[A-Za-z0-9+/]+$/.test(bare)) return null;
  const padded = bare + "=".repeat((4 - (bare.length % 4)) % 4);
  return line.length === bare.length || line === padded ? padded : null;
}

/** Bytes that so many characters stand for, give or take the padding. */
export const decodedBytes = (base64: string, bytes: number): Buffer =>
  Buffer.from(base64.slice(0, Math.ceil(bytes / 3) * 4), "base64");
