/** The JSON Schema of a run or a job. */
import { type Check, compileSchema, SchemaError } from "../json-schema/compile.ts";
import { JobError } from "./errors.ts";

/** @throws JobError `schema_invalid` */
export function compileJobSchema(schema: Record<string, unknown>): Check {
  try {
    return compileSchema(schema);
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    throw new JobError("schema_invalid", `jsonSchema: ${cause.message}`, { cause });
  }
}
