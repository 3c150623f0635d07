/** Names of tools on their way to the model and back. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { mcpNameOf, toMcpName, toModelName } from "./names.ts";

test.each(["weather", "get_weather", "a-b", "a__b", "mcp__other__x", "x".repeat(115)])("%s stays as it is", (name) => {
  expect(toMcpName(name)).toBe(name);
  expect(toModelName(name)).toBe(`mcp__client__${name}`);
});

test("what the CLI would change or leave out is made legal, and stays apart from what looks alike", () => {
  const names = ["a.b", "a b", "a/b", "a:b", "é", "è", "工具", "x".repeat(116), "x".repeat(117), ""];
  const made = names.map(toMcpName);
  expect(new Set([...made, "a_b"]).size).toBe(names.length + 1);
  for (const name of made) expect(`mcp__client__${name}`).toMatch(/^[\w-]{1,128}$/);
  expect(toMcpName("files.read")).toMatch(/^files_read_[0-9a-f]{10}$/);
});

test("any name is legal for the CLI, always the same, and found again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (name) => {
      const modelName = toModelName(name);
      expect(modelName).toMatch(/^[\w-]{1,128}$/);
      expect(toModelName(name)).toBe(modelName);
      expect(mcpNameOf(modelName)).toBe(toMcpName(name));
    }),
  );
});

test("other tools are none of the client's", () => {
  for (const name of ["Bash", "mcp__other__weather", "client__weather"]) expect(mcpNameOf(name)).toBeNull();
});
