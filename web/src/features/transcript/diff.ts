/** What an edit changes, as lines to show. */
import type { TranscriptHunk } from "@lodge/shared";
import { structuredPatch } from "diff";
import type { ToolCall, ToolResult } from "./rows.ts";

export interface DiffLine {
  /** ` ` is the same in both. `gap` stands for the lines between two places. */
  type: " " | "-" | "+" | "gap";
  /** Number in the file before and after; null where the line is not in that one, or its place is not known. */
  before: number | null;
  after: number | null;
  text: string;
}

export interface Diff {
  path: string;
  lines: DiffLine[];
  added: number;
  removed: number;
}

/** Lines that are compared at most; past that the edit is shown as its arguments only. */
const longest = 4000;

/** Null for a tool that edits nothing, or when there is nothing to tell. */
export function diffOf(call: ToolCall | null, result: ToolResult | null): Diff | null {
  if (call === null || !["Edit", "Write", "MultiEdit"].includes(call.name)) return null;
  const path = typeof call.input["file_path"] === "string" ? call.input["file_path"] : "";
  // The CLI tells where in the file it was, once it is done.
  const hunks = result?.patch;
  const lines = hunks === undefined ? asked(call) : hunkLines(hunks, true);
  if (lines === null || lines.length === 0) return null;
  const count = (type: DiffLine["type"]) => lines.filter((line) => line.type === type).length;
  return { path, lines, added: count("+"), removed: count("-") };
}

/** From the arguments alone: without its place in the file. */
function asked({ name, input }: ToolCall): DiffLine[] | null {
  if (name === "Write") {
    const content = textOf(input["content"]);
    const lines = content.replace(/\n$/, "").split("\n");
    if (content === "" || lines.length > longest) return null;
    return lines.map((text, index) => ({ type: "+", before: null, after: index + 1, text }));
  }
  const edits = name === "MultiEdit" && Array.isArray(input["edits"]) ? (input["edits"] as unknown[]) : [input];
  const parts = edits.flatMap((edit) => {
    const { old_string, new_string } = (edit ?? {}) as Record<string, unknown>;
    const [before, after] = [textOf(old_string), textOf(new_string)];
    if (before.split("\n").length + after.split("\n").length > longest) return [];
    const { hunks } = structuredPatch("", "", before, after, "", "", { context: 3 });
    return hunkLines(hunks, false);
  });
  return parts;
}

function hunkLines(hunks: readonly TranscriptHunk[], isPlaceKnown: boolean): DiffLine[] {
  return hunks.flatMap((hunk, index) => {
    let before = hunk.oldStart;
    let after = hunk.newStart;
    const lines = hunk.lines
      // "\ No newline at end of file"
      .filter((line) => !line.startsWith("\\"))
      .map((line): DiffLine => {
        const type = line[0] === "-" || line[0] === "+" ? line[0] : " ";
        const place = { before: type === "+" ? null : before++, after: type === "-" ? null : after++ };
        return { type, ...(isPlaceKnown ? place : { before: null, after: null }), text: line.slice(1) };
      });
    return index === 0 ? lines : [{ type: "gap", before: null, after: null, text: "" }, ...lines];
  });
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
