/** The formats that both of OpenAI's APIs know, each in its own place of a request. */
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import type { AskedFormat } from "../turns/format.ts";

/** What a format of type `json_schema` says beside its schema. */
export const schemaFormat = {
  name: z.string().min(1).max(256),
  description: z.string().nullish(),
  strict: z.boolean().nullish(),
};
export const jsonSchema = z.record(z.string(), z.unknown());

interface SchemaFormat {
  description?: string | null | undefined;
  strict?: boolean | null | undefined;
  /** The answer is any object when there is none. */
  schema?: z.infer<typeof jsonSchema> | null | undefined;
}

/**
 * @param field of the schema
 * @throws ApiError for a strict format without a schema
 */
export function askedFormat({ schema, strict, description }: SchemaFormat, field: string): AskedFormat {
  if (schema == null) {
    if (!strict) return anyObject(field);
    throw new ApiError("invalid_request", `${field}: a strict format needs a schema.`, { param: field });
  }
  const described = description == null ? {} : { description };
  return { schema: { ...described, ...schema }, strict: strict ?? false, field };
}

export const anyObject = (field: string): AskedFormat => ({ strict: true, field });
