import { expect, test } from "bun:test";
import type { ModelDescription } from "../../sessions/index.ts";
import { openaiEffort, unheeded } from "./thinking.ts";

const model = (resolved: string, thinking?: ModelDescription["thinking"]): ModelDescription => ({
  name: resolved,
  resolved,
  displayName: "",
  description: "",
  ...(thinking ? { thinking } : {}),
});
const known = [
  model("new", { alwaysOn: true, takesBudget: false }),
  model("mixed", { alwaysOn: false, takesBudget: false }),
  model("old", { alwaysOn: false, takesBudget: true }),
  model("silent"),
];

test.each([
  ["new", 0, "field"],
  ["new", 2048, "field"],
  ["mixed", 0, null],
  ["mixed", 2048, "field"],
  ["old", 0, null],
  ["old", 2048, null],
  ["silent", 2048, null],
  ["another", 0, null],
])("of the model %s a limit of %d is unheeded: %p", (name, tokens, expected) => {
  expect(unheeded({ tokens, field: "field" }, name, known)).toBe(expected);
  expect(unheeded(undefined, name, known)).toBeNull();
});

test("every word of OpenAI's for effort has one of the CLI's", () => {
  expect(openaiEffort("none", "f")).toEqual({ effort: "low", thinkingLimit: { tokens: 0, field: "f" } });
  expect(openaiEffort("minimal", "f")).toEqual({ effort: "low" });
  for (const word of ["low", "medium", "high", "xhigh", "max"] as const) {
    expect(openaiEffort(word, "f")).toEqual({ effort: word });
  }
  expect(openaiEffort(null, "f")).toEqual({});
});
