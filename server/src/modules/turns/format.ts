/** The shape that a client wants the text of a reply in, checked, as a session takes it; the same for every family. */
import { ApiError } from "../../http/errors.ts";
import { type Check, compileSchema, requireKnownKeywords, SchemaError } from "../../json-schema/compile.ts";
import { type OutputFormat, SessionError, type Structured } from "../../sessions/index.ts";

export interface AskedFormat {
  /** A JSON Schema; any JSON object will do when absent. */
  schema?: Record<string, unknown> | undefined;
  /** Whether an answer that does not fit is no answer. Otherwise the schema is what the model is to try for. */
  strict: boolean;
  /** The request's field that the schema is in. */
  field: string;
}

export interface Format {
  outputFormat: OutputFormat;
  strict: boolean;
  /** @throws SessionError `output_format_unmet` for a reply that is not what was asked for */
  require: (reply: Structured) => void;
}

/** @throws ApiError that names the field */
export function formatOf(asked: AskedFormat | undefined): Format | undefined {
  if (!asked) return undefined;
  const { schema = {}, strict, field } = asked;
  const check = checkOf(schema, field);
  const outputFormat: OutputFormat = { type: "json_schema", schema: objectSchema(schema, field) };
  return { outputFormat, strict, require: (reply) => requireFit(reply, strict ? check : () => null) };
}

function checkOf(schema: Record<string, unknown>, field: string): Check {
  try {
    const check = compileSchema(schema);
    requireKnownKeywords(schema);
    return check;
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    throw refused(field, cause.message, cause);
  }
}

/** The model gives its answer as the input of a tool, and the Messages API takes only objects for that. */
function objectSchema(schema: Record<string, unknown>, field: string): Record<string, unknown> {
  const choice = ["anyOf", "oneOf", "allOf"].find((name) => name in schema);
  if (choice !== undefined) {
    throw refused(field, `it must not have ${choice} at its root. Put that into a property of an object.`);
  }
  const { type = "object" } = schema;
  if (type !== "object") {
    throw refused(
      field,
      `it must be of type "object" at its root, not ${JSON.stringify(type)}. Put that into a property.`,
    );
  }
  return { ...schema, type };
}

const refused = (field: string, what: string, cause?: unknown) =>
  new ApiError("invalid_request", `${field}: ${what}`, { param: field, cause });

function requireFit({ document, words }: Structured, check: Check): void {
  if (document === null) {
    const said = words === "" ? "nothing." : JSON.stringify(words.slice(0, maxQuoted));
    throw unmet(`It gave no JSON document. It said: ${said}`);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(document);
  } catch {
    throw unmet("What it gave is not JSON.");
  }
  const wrong = check(answer);
  if (wrong !== null) throw unmet(`${wrong}.`);
}

/** Characters of the model's words in an error. */
const maxQuoted = 500;

export const unmet = (why: string) =>
  new SessionError("output_format_unmet", `The model did not answer in the shape that was asked for: ${why}`);
