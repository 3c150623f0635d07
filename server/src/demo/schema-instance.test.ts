import { expect, test } from "bun:test";
import type { JsonSchema } from "./request.ts";
import { instanceOf } from "./schema-instance.ts";

test.each<[string, JsonSchema, unknown]>([
  [
    "required properties only",
    { type: "object", properties: { a: { type: "string" }, b: {} }, required: ["a"] },
    { a: "demo" },
  ],
  ["an object without a say", { type: "object" }, {}],
  ["enough properties", { type: "object", properties: { a: { type: "null" } }, minProperties: 1 }, { a: null }],
  ["an empty array", { type: "array", items: { type: "string" } }, []],
  ["enough items", { type: "array", items: { type: "boolean" }, minItems: 2 }, [true, true]],
  ["different items", { type: "array", items: { type: "integer" }, minItems: 2, uniqueItems: true }, [0, 1]],
  ["a tuple", { type: "array", prefixItems: [{ const: 1 }, { const: "x" }], minItems: 2 }, [1, "x"]],
  ["the first of an enum", { type: "string", enum: ["x", "y"] }, "x"],
  ["a constant", { const: 7 }, 7],
  ["a least length", { type: "string", minLength: 6 }, "demo.."],
  ["a greatest length", { type: "string", maxLength: 2 }, "de"],
  ["a pattern", { type: "string", pattern: "^[0-9]{3}$" }, "123"],
  ["a format", { type: "string", format: "date" }, "2026-01-01"],
  ["a least number", { type: "integer", minimum: 3 }, 3],
  ["a greatest number", { type: "number", maximum: -2 }, -2],
  ["exclusive bounds", { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
  ["steps", { type: "integer", minimum: 7, multipleOf: 5 }, 10],
  ["the first of several types", { type: ["string", "null"] }, "demo"],
  ["the first of anyOf", { anyOf: [{ type: "integer" }, { type: "string" }] }, 0],
  ["a reference", { $ref: "#/$defs/x", $defs: { x: { type: "boolean" } } }, true],
  [
    "all of several",
    {
      allOf: [
        { type: "object", properties: { a: { const: 1 } }, required: ["a"] },
        { properties: { b: { const: 2 } }, required: ["b"] },
      ],
    },
    { a: 1, b: 2 },
  ],
  ["anything", {}, null],
])("an instance has %s", (_what, schema, instance) => expect(instanceOf(schema)).toEqual(instance));

test("a schema that must contain itself comes to an end", () => {
  const schema = { type: "object", properties: { me: { $ref: "#" } }, required: ["me"] };
  expect(JSON.stringify(instanceOf(schema)).length).toBeLessThan(500);
});
