/** What a job said and did so far, from its events. */
import type { JobEvent } from "@lodge/shared";

export type OutputPart =
  | { type: "text"; text: string }
  | { type: "tool"; id: string; name: string; input: string; result: { text: string; isError: boolean } | null }
  | { type: "retry"; attempt: number };

/** Parts shown; of a longer output the oldest are left out. */
export const shownParts = 2000;

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? ""));

export function withEvent(parts: readonly OutputPart[], { type, data }: JobEvent): readonly OutputPart[] {
  switch (type) {
    case "output": {
      const last = parts.at(-1);
      const text = textOf(data["text"]);
      if (last?.type === "text") return [...parts.slice(0, -1), { type: "text", text: last.text + text }];
      return bounded([...parts, { type: "text", text: text.trimStart() }]);
    }
    case "tool_use": {
      const [id, name] = [textOf(data["id"]), textOf(data["name"])];
      return bounded([
        ...parts,
        { type: "tool", id, name, input: textOf(data["input_text"] ?? data["input"]), result: null },
      ]);
    }
    case "tool_result": {
      const result = { text: textOf(data["text"]), isError: data["is_error"] === true };
      return parts.map((part) =>
        part.type === "tool" && part.id === data["tool_use_id"] ? { ...part, result } : part,
      );
    }
    case "retry":
      return bounded([...parts, { type: "retry", attempt: Number(data["attempt"]) }]);
    default:
      return parts;
  }
}

const bounded = (parts: readonly OutputPart[]): readonly OutputPart[] =>
  parts.length > shownParts ? parts.slice(-shownParts) : parts;
