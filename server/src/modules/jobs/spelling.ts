/** Bodies whose fields may be written in camelCase or in snake_case, as clients of one and the other earlier system do. */
import { z } from "zod";

/** camelCase only; what was null is absent. */
type Read<R extends z.ZodRawShape, O extends z.ZodRawShape> = z.output<z.ZodObject<R>> & {
  [K in keyof O]?: z.output<O[K]> | undefined;
};

/**
 * @param required one word each, and so written one way
 * @param optional may be absent or null; written both ways, the camelCase one counts
 */
export function eitherSpelling<R extends z.ZodRawShape, O extends z.ZodRawShape>(
  required: R,
  optional: O,
): z.ZodType<Read<R, O>, object> {
  const fields = Object.entries(optional).flatMap(([name, schema]) => {
    const nullish = z.nullish(schema as z.ZodType);
    return [...new Set([name, snakeCase(name)])].map((spelling) => [spelling, nullish] as const);
  });
  const names = [...Object.keys(required), ...Object.keys(optional)];
  return z.object({ ...Object.fromEntries(fields), ...required }).transform((body) => {
    const given = body as Record<string, unknown>;
    const values = names.map((name) => [name, given[name] ?? given[snakeCase(name)] ?? undefined]);
    return Object.fromEntries(values) as Read<R, O>;
  });
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
