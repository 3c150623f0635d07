/** A caller's JSON Schema: whether it is one, and whether an answer fits it. */
import type { Ajv, ErrorObject } from "ajv";
import type { Ajv2020 } from "ajv/dist/2020.js";

/** Bytes of a schema, as JSON: the CLI gets it as one argument of its command line, of which the kernel takes 128 KiB. */
const maxSchemaBytes = 120 * 1024;

/** Null when the answer fits, else what is wrong with it. */
export type Check = (answer: unknown) => string | null;

/** What makes a schema none; the message fits after the name of its field. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** @throws SchemaError */
export function compileSchema(schema: Record<string, unknown>): Check {
  if (Buffer.byteLength(JSON.stringify(schema)) > maxSchemaBytes) {
    throw new SchemaError(`it is longer than ${maxSchemaBytes} bytes.`);
  }
  const version = isOlder(schema["$schema"]) ? draft7() : latest();
  try {
    // Only a schema of the caller's own kind of schemas could make it wait.
    void checkerOf(version).validateSchema(schema, true);
    // One of its own for each schema: it keeps all that it ever saw.
    const validate = new version({ ...options, meta: false, validateSchema: false }).compile(schema);
    return (answer) => (validate(answer) ? null : describe(validate.errors?.[0]));
  } catch (cause) {
    throw new SchemaError((cause as Error).message, { cause });
  }
}

/**
 * The CLI ends when it is started with a schema that has a keyword which it does not know: it knows those of draft 7.
 *
 * @throws SchemaError
 */
export function requireKnownKeywords(schema: Record<string, unknown>): void {
  const { $schema: _, ...rest } = schema;
  try {
    new (draft7())({ ...options, meta: false, validateSchema: false, strictSchema: true }).compile(rest);
  } catch (cause) {
    throw new SchemaError(`the CLI does not take it: ${(cause as Error).message}`, { cause });
  }
}

// A hundred files that most servers never need: loaded with the first schema.
const draft7 = (): typeof Ajv => (require("ajv") as { Ajv: typeof Ajv }).Ajv;
const latest = (): typeof Ajv2020 => (require("ajv/dist/2020.js") as { Ajv2020: typeof Ajv2020 }).Ajv2020;

const options = { strict: false, allErrors: false, validateFormats: false, logger: false as const };

/** What tells whether a schema is one takes long to make, and remembers none. */
const checkers = new Map<typeof Ajv | typeof Ajv2020, Ajv | Ajv2020>();

function checkerOf(version: typeof Ajv | typeof Ajv2020): Ajv | Ajv2020 {
  const checker = checkers.get(version) ?? new version(options);
  checkers.set(version, checker);
  return checker;
}

/** Without a word about its version it is of the latest. */
const isOlder = (version: unknown): boolean => typeof version === "string" && /draft-0[67]/.test(version);

function describe(error: ErrorObject | undefined): string {
  if (!error) return "it does not fit";
  return `${error.instancePath === "" ? "the answer" : error.instancePath} ${error.message ?? "does not fit"}`;
}
