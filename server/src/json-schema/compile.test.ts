/** Which schemas are schemas, of which version, and what fits them. */
import { expect, test } from "bun:test";
import { compileSchema, SchemaError } from "./compile.ts";

const kindOf = (schema: Record<string, unknown>): string => {
  try {
    compileSchema(schema);
    return "fine";
  } catch (error) {
    return error instanceof SchemaError ? "refused" : "thrown";
  }
};

test.each([
  [{}, "fine"],
  [{ type: "object", properties: { a: { type: "string" } } }, "fine"],
  [{ $schema: "http://json-schema.org/draft-07/schema#", definitions: { a: {} }, $ref: "#/definitions/a" }, "fine"],
  [{ $schema: "https://json-schema.org/draft/2020-12/schema", $defs: { a: {} }, $ref: "#/$defs/a" }, "fine"],
  [{ prefixItems: [{ type: "string" }] }, "fine"],
  [{ "x-of-our-own": 1, format: "iban" }, "fine"],
  [{ type: "nonsense" }, "refused"],
  [{ required: "a" }, "refused"],
  [{ pattern: "(" }, "refused"],
  [{ $ref: "https://example.com/elsewhere.json" }, "refused"],
  [{ $ref: "#/$defs/missing" }, "refused"],
  [{ $schema: "https://example.com/of-their-own" }, "refused"],
  // As many characters as may be, in more bytes than may be.
  [{ description: "é".repeat(62_000) }, "refused"],
  [{ description: "e".repeat(62_000) }, "fine"],
] satisfies [Record<string, unknown>, string][])("%#", (schema, expected) => {
  expect(kindOf(schema)).toBe(expected);
});

test("an answer that does not fit is told where and why", () => {
  const check = compileSchema({ type: "object", properties: { age: { type: "integer" } }, required: ["age"] });
  expect(check({ age: 3 })).toBeNull();
  expect(check({ age: "three" })).toBe("/age must be integer");
  expect(check({})).toBe("the answer must have required property 'age'");
});
