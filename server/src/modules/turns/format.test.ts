/** Which formats can be asked for, and which replies are what was asked for. */
import { describe, expect, test } from "bun:test";
import { ApiError } from "../../http/errors.ts";
import { SessionError, type Structured } from "../../sessions/index.ts";
import { type AskedFormat, formatOf } from "./format.ts";

const field = "text.format.schema";
const asked = (schema?: Record<string, unknown>, strict = true): AskedFormat => ({ schema, strict, field });

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a schema", () => {
  test("goes on as it is, an object at its root", () => {
    const schema = { $defs: { n: { type: "number" } }, type: "object", properties: { n: { $ref: "#/$defs/n" } } };
    expect(formatOf(asked(schema))?.outputFormat).toEqual({ type: "json_schema", schema });
    expect(formatOf(asked({ properties: {} }))?.outputFormat.schema).toEqual({ properties: {}, type: "object" });
    expect(formatOf(asked())?.outputFormat.schema).toEqual({ type: "object" });
    expect(formatOf(undefined)).toBeUndefined();
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    expect(formatOf(asked({ $schema, ...schema }))?.outputFormat.schema).toEqual({ $schema, ...schema });
  });

  test.each([
    [{ type: "array" }, 'must be of type "object" at its root, not "array"'],
    [{ type: ["object", "null"] }, 'not ["object","null"]'],
    [{ anyOf: [{ type: "object" }] }, "must not have anyOf at its root"],
    [{ type: "object", allOf: [] }, "allOf must NOT have fewer than 1 items"],
    [{ type: "object", allOf: [{}] }, "must not have allOf at its root"],
    [{ type: "object", properties: { a: { type: "word" } } }, "must be equal to one of the allowed values"],
    [{ properties: { a: { prefixItems: [{}] } } }, 'unknown keyword: "prefixItems"'],
    [{ $ref: "#/$defs/none" }, "can't resolve reference"],
  ] as [Record<string, unknown>, string][])("%j is refused by its field", (schema, why) => {
    const error = thrownBy(() => formatOf(asked(schema)));
    if (!(error instanceof ApiError)) throw new Error("it was not refused");
    expect(error.message).toStartWith(`${field}: `);
    expect(error.message).toContain(why);
    expect(error).toMatchObject({ status: 400, details: { param: field } });
  });
});

describe("a reply", () => {
  const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
  const wrongWith = (document: string | null, { strict = true, words = "" } = {}): string | null => {
    const error = thrownBy(() => formatOf(asked(schema, strict))?.require({ document, words } as Structured));
    if (error === undefined) return null;
    if (!(error instanceof SessionError) || error.kind !== "output_format_unmet") throw error;
    return error.message;
  };

  test("that fits is what was asked for", () => expect(wrongWith(' { "a": "b" } ')).toBeNull());

  test.each([
    ['{"a":1}', "/a must be string"],
    ["{}", "must have required property 'a'"],
    ['{"a":"b"', "is not JSON"],
    ["", "is not JSON"],
    [null, "It said: nothing."],
  ])("of %j is not", (document, why) => expect(wrongWith(document)).toContain(why));

  test("without a document is quoted, but not at length", () => {
    expect(wrongWith(null, { words: "I'd rather talk." })).toEndWith(`It said: "I'd rather talk."`);
    expect(wrongWith(null, { words: "x".repeat(10_000) })?.length).toBeLessThan(1000);
  });

  test("to a schema that is not strict need only be JSON", () => {
    expect(wrongWith('{"a":1}', { strict: false })).toBeNull();
    expect(wrongWith("{", { strict: false })).toContain("is not JSON");
    expect(wrongWith(null, { strict: false })).toContain("no JSON document");
  });
});
