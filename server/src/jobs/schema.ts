/** The JSON Schema of a run or a job. */
import { type Check, compileSchema, requireKnownKeywords, SchemaError } from "../json-schema/compile.ts";
import { JobError } from "./errors.ts";

/** @throws JobError `schema_invalid` */
export function compileJobSchema(schema: Record<string, unknown>): Check {
  try {
    const check = compileSchema(schema);
    requireKnownKeywords(schema);
    return check;
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    throw new JobError("schema_invalid", `jsonSchema: ${cause.message}`, { cause });
  }
}
