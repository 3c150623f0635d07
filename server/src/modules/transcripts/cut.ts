/** Keeps an entry within bounds: a tool's result can be a whole file, and a page holds hundreds of them. */
import { type TranscriptEntry, type TranscriptHunk, transcriptLimits } from "@lodge/shared";

/** Depth of a tool's arguments that is looked into; what is deeper is left out. */
const maxDepth = 8;
/** Members of one object or list of a tool's arguments. */
const maxMembers = 200;

/**
 * @param text characters of each text
 * @param whole what to give as `whole` when something was cut; absent where the entry itself is the whole
 */
export function cutEntry(entry: TranscriptEntry, text: number, whole?: string): TranscriptEntry {
  let isCut = false;
  const cutText = (long: string): string => {
    if (long.length <= text) return long;
    isCut = true;
    return long.slice(0, text);
  };
  const cut = cutParts();
  return isCut && whole !== undefined ? { ...cut, whole } : cut;

  function cutParts(): TranscriptEntry {
    switch (entry.kind) {
      case "user":
      case "text":
      case "thinking":
      case "notice":
        return { ...entry, text: cutText(entry.text) };
      case "tool_call":
        return { ...entry, input: cutValue(entry.input, 0) as Record<string, unknown> };
      case "tool_result":
        return {
          ...entry,
          text: cutText(entry.text),
          ...(entry.patch === undefined ? {} : { patch: cutPatch(entry.patch) }),
        };
    }
  }

  function cutValue(value: unknown, depth: number): unknown {
    if (typeof value === "string") return cutText(value);
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value);
    if (depth === maxDepth || members.length > maxMembers) isCut = true;
    if (depth === maxDepth) return Array.isArray(value) ? [] : {};
    const kept = members.slice(0, maxMembers).map(([key, member]) => [key, cutValue(member, depth + 1)] as const);
    return Array.isArray(value) ? kept.map(([, member]) => member) : Object.fromEntries(kept);
  }

  function cutPatch(patch: TranscriptHunk[]): TranscriptHunk[] {
    // The whole entry has as many lines as it has characters at most.
    let lines = whole === undefined ? text : transcriptLimits.patchLines;
    return patch.flatMap((hunk) => {
      const kept = hunk.lines.slice(0, lines).map(cutText);
      if (kept.length < hunk.lines.length) isCut = true;
      lines -= kept.length;
      return kept.length === 0 ? [] : { ...hunk, lines: kept };
    });
  }
}
