/** Which schemas are schemas, of which version, and what fits them. */
import { expect, test } from "bun:test";
import { JobError } from "./errors.ts";
import { compileSchema } from "./schema.ts";

const kindOf = (schema: Record<string, unknown>): string => {
  try {
    compileSchema(schema);
    return "fine";
  } catch (error) {
    return error instanceof JobError ? error.kind : "thrown";
  }
};

test.each([
  [{}, "fine"],
  [{ type: "object", properties: { a: { type: "string" } } }, "fine"],
  [{ $schema: "http://json-schema.org/draft-07/schema#", definitions: { a: {} }, $ref: "#/definitions/a" }, "fine"],
  [{ $schema: "https://json-schema.org/draft/2020-12/schema", $defs: { a: {} }, $ref: "#/$defs/a" }, "fine"],
  [{ prefixItems: [{ type: "string" }] }, "fine"],
  [{ "x-of-our-own": 1, format: "iban" }, "fine"],
  [{ type: "nonsense" }, "schema_invalid"],
  [{ required: "a" }, "schema_invalid"],
  [{ pattern: "(" }, "schema_invalid"],
  [{ $ref: "https://example.com/elsewhere.json" }, "schema_invalid"],
  [{ $ref: "#/$defs/missing" }, "schema_invalid"],
  [{ $schema: "https://example.com/of-their-own" }, "schema_invalid"],
  [{ description: "x".repeat(300_000) }, "schema_invalid"],
] satisfies [Record<string, unknown>, string][])("%#", (schema, expected) => {
  expect(kindOf(schema)).toBe(expected);
});

test("an answer that does not fit is told where and why", () => {
  const check = compileSchema({ type: "object", properties: { age: { type: "integer" } }, required: ["age"] });
  expect(check({ age: 3 })).toBeNull();
  expect(check({ age: "three" })).toBe("/age must be integer");
  expect(check({})).toBe("the answer must have required property 'age'");
});
