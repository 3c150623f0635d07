import type { JsonSchema } from "./request.ts";

/** A schema may refer to itself; deeper than this an instance is no longer small. */
const MAX_DEPTH = 24;

/** A small valid instance of a JSON schema: required properties only, shortest arrays, first choices. */
export function instanceOf(schema: JsonSchema): unknown {
  return build(schema, schema, 0);
}

function build(schema: unknown, root: JsonSchema, depth: number): unknown {
  if (!isSchema(schema) || depth > MAX_DEPTH) return schema === true || depth > MAX_DEPTH ? null : {};
  const again = (inner: unknown): unknown => build(inner, root, depth + 1);

  if (typeof schema["$ref"] === "string") return again(resolve(schema["$ref"], root));
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if ("default" in schema && schema["default"] !== null) return schema["default"];
  if (Array.isArray(schema["allOf"])) return again(merge(schema, schema["allOf"], root));
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return again(merge(schema, [choices[0]], root));

  switch (typeOf(schema)) {
    case "object":
      return object(schema, again);
    case "array":
      return array(schema, again);
    case "string":
      return text(schema);
    case "integer":
    case "number":
      return number(schema);
    case "boolean":
      return true;
    case undefined:
    default:
      return null;
  }
}

function typeOf(schema: JsonSchema): string | undefined {
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (typeof type === "string") return type;
  if ("items" in schema || "prefixItems" in schema) return "array";
  if ("minLength" in schema || "pattern" in schema || "format" in schema) return "string";
  if ("minimum" in schema || "maximum" in schema) return "number";
  return "properties" in schema || "required" in schema ? "object" : undefined;
}

function object(schema: JsonSchema, again: (inner: unknown) => unknown): Record<string, unknown> {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const names = new Set(Array.isArray(schema["required"]) ? schema["required"].map(String) : []);
  for (const name of Object.keys(properties)) {
    if (names.size >= Number(schema["minProperties"] ?? 0)) break;
    names.add(name);
  }
  return Object.fromEntries([...names].map((name) => [name, again(properties[name] ?? {})]));
}

function array(schema: JsonSchema, again: (inner: unknown) => unknown): unknown[] {
  const first = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
  const length = Math.max(Number(schema["minItems"] ?? 0), 0);
  return Array.from({ length }, (_, index) => {
    const item = again(first[index] ?? schema["items"] ?? {});
    if (schema["uniqueItems"] !== true) return item;
    return typeof item === "number" ? item + index : typeof item === "string" ? `${item}${index}` : item;
  });
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  duration: "P1D",
  email: "demo@example.com",
  hostname: "example.com",
  ipv4: "127.0.0.1",
  ipv6: "::1",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** Tried in turn against a `pattern`; one that fits none of them is beyond a scripted model. */
const GUESSES = [
  "demo",
  "Demo",
  "DEMO",
  "a",
  "A",
  "0",
  "1",
  "12",
  "123",
  "1234",
  "12345",
  "demo-1",
  "D1",
  ...Object.values(FORMATS),
];

function text(schema: JsonSchema): string {
  const format = FORMATS[String(schema["format"])];
  if (format !== undefined) return format;
  if (typeof schema["pattern"] === "string") {
    const guess = guessFor(schema["pattern"]);
    if (guess !== undefined) return guess;
  }
  const least = Number(schema["minLength"] ?? 0);
  const most = Number(schema["maxLength"] ?? Number.POSITIVE_INFINITY);
  return "demo".padEnd(least, ".").slice(0, most);
}

function guessFor(source: string): string | undefined {
  try {
    const pattern = new RegExp(source, "u");
    return GUESSES.find((each) => pattern.test(each));
  } catch {
    return undefined;
  }
}

function number(schema: JsonSchema): number {
  const step = Number(schema["multipleOf"] ?? 0) || (schema["type"] === "integer" ? 1 : 0);
  const above = Math.max(
    Number(schema["minimum"] ?? Number.NEGATIVE_INFINITY),
    bump(schema["exclusiveMinimum"], step || 1),
  );
  const below = Math.min(
    Number(schema["maximum"] ?? Number.POSITIVE_INFINITY),
    -bump(negated(schema["exclusiveMaximum"]), step || 1),
  );
  const wanted = above > 0 ? above : Math.min(0, below);
  if (step === 0) return wanted <= below ? wanted : (above + below) / 2;
  const up = Math.ceil(wanted / step) * step;
  return up <= below ? up : Math.floor(wanted / step) * step;
}

const bump = (bound: unknown, by: number): number =>
  typeof bound === "number" ? bound + by : Number.NEGATIVE_INFINITY;
const negated = (bound: unknown): unknown => (typeof bound === "number" ? -bound : undefined);

/** One schema that asks for what all of them ask for. */
function merge(schema: JsonSchema, parts: readonly unknown[], root: JsonSchema): JsonSchema {
  const { allOf: _all, anyOf: _any, oneOf: _one, ...rest } = schema;
  const inner = parts.map((part) =>
    isSchema(part) && typeof part["$ref"] === "string" ? resolve(part["$ref"], root) : part,
  );
  const all = [rest, ...inner.filter(isSchema)];
  const properties = Object.assign({}, ...all.map((each) => each["properties"])) as JsonSchema;
  const required = all.flatMap((each) => (Array.isArray(each["required"]) ? (each["required"] as unknown[]) : []));
  // Only a schema of an object has properties: an empty set of them would make an object of anything.
  const shape = Object.keys(properties).length + required.length > 0 ? { properties, required } : {};
  return Object.assign({}, ...all, shape) as JsonSchema;
}

function resolve(reference: string, root: JsonSchema): unknown {
  const path = reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter((part) => part !== "");
  return path.reduce<unknown>((at, part) => {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    return isSchema(at) ? at[key] : undefined;
  }, root);
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
