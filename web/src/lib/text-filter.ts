/** The filter that lists have in their address, and what it lets through. */

/** A search parameter as text; the router has already read `?q=12` as a number. */
export function textParam(value: unknown): string | undefined {
  const text =
    typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
  return text === "" ? undefined : text;
}

/**
 * Whether each word of the filter is somewhere in one of the texts, or is what the id begins with: any few digits are in
 * the midst of some id of thousands.
 */
export function matches(filter: string, texts: readonly string[], id = ""): boolean {
  return matchesWords(wordsOf(filter), texts, id);
}

/** What a filter asks for: taken apart once, for whoever has thousands to look at. */
export const wordsOf = (filter: string): string[] => filter.toLowerCase().split(/\s+/).filter(Boolean);

/** As `matches`, of a filter taken apart. */
export function matchesWords(words: readonly string[], texts: readonly string[], id = ""): boolean {
  if (words.length === 0) return true;
  const all = texts.join("\n").toLowerCase();
  return words.every((word) => all.includes(word) || id.startsWith(word));
}
