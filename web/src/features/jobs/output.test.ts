import { expect, test } from "bun:test";
import type { JobEvent } from "@lodge/shared";
import { type OutputPart, shownParts, withEvent } from "./output.ts";
import { jobsSearch, newJobSearch } from "./search.ts";

const all = (...events: [type: string, data: Record<string, unknown>][]): readonly OutputPart[] =>
  events
    .map(([type, data], index): JobEvent => ({ id: index + 1, type, data }))
    .reduce<readonly OutputPart[]>(withEvent, []);

test("words run together, a tool and its result are one, what is not known is left out", () => {
  expect(
    all(
      ["started", { session_id: "s" }],
      ["output", { text: "one" }],
      ["output", { text: " two" }],
      ["tool_use", { id: "a", name: "Bash", input: { command: "ls" } }],
      ["tool_use", { id: "b", name: "Read", input_text: "{…" }],
      ["tool_result", { tool_use_id: "a", is_error: true, text: "no" }],
      ["output", { text: "\n\nthree" }],
      ["retry", { attempt: 2 }],
      ["status", { status: "completed" }],
    ),
  ).toEqual([
    { type: "text", text: "one two" },
    { type: "tool", id: "a", name: "Bash", input: '{\n  "command": "ls"\n}', result: { text: "no", isError: true } },
    { type: "tool", id: "b", name: "Read", input: "{…", result: null },
    { type: "text", text: "three" },
    { type: "retry", attempt: 2 },
  ]);
});

test("of a long output the latest is kept", () => {
  const retries = Array.from({ length: shownParts + 5 }, (_, attempt): [string, Record<string, unknown>] => [
    "retry",
    { attempt },
  ]);
  const parts = all(...retries);
  expect(parts).toHaveLength(shownParts);
  expect(parts.at(-1)).toEqual({ type: "retry", attempt: shownParts + 4 });
});

test("an address says only what is known", () => {
  expect(jobsSearch({ state: "failed", other: 1 })).toEqual({ state: "failed" });
  expect(jobsSearch({ state: "all" })).toEqual({});
  expect(newJobSearch({ from: "job_1" })).toEqual({ from: "job_1" });
});
