/** Values that a JSON Schema describes, more or less: what a client may send that has read the API's description. */
import fc from "fast-check";

export interface Schema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

/** @param named what fields of certain names hold, whatever their schema says */
export function fromSchema(schema: Schema, named: (field: string) => fc.Arbitrary<unknown> | undefined, depth = 0) {
  const go = (inner: Schema): fc.Arbitrary<unknown> => fromSchema(inner, named, depth + 1);
  if (depth > 6) return fc.constant(null);
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(go));
  if (schema.allOf) return fc.tuple(...schema.allOf.map(go)).map((parts) => Object.assign({}, ...parts) as unknown);
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return schema.properties ? object() : fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map(ofType));

  function ofType(type: string): fc.Arbitrary<unknown> {
    switch (type) {
      case "string":
        return fc.string({
          minLength: schema.minLength ?? 0,
          maxLength: Math.min(schema.maxLength ?? 40, 40),
          unit: "binary",
        });
      case "integer":
        return fc.integer(bounds());
      case "number":
        return fc.double({ ...bounds(), noNaN: true, noDefaultInfinity: true });
      case "boolean":
        return fc.boolean();
      case "array":
        return fc.array(go(schema.items ?? {}), { maxLength: 3 });
      case "object":
        return object();
      default:
        return fc.constant(null);
    }
  }

  function bounds(): { min: number; max: number } {
    const min = Math.max(schema.minimum ?? -1000, -(2 ** 31));
    return { min, max: Math.max(min, Math.min(schema.maximum ?? 1000, 2 ** 31 - 1)) };
  }

  function object(): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties: more } = schema;
    const fields = Object.entries(properties).map(([name, inner]) => [name, named(name) ?? go(inner)] as const);
    const needed = new Set(required);
    const optional = fields.map(([name]) => name).filter((name) => !needed.has(name));
    // Few at a time: of many, one is sure to be refused, and nothing behind the validation is ever reached.
    const known = fc
      .subarray(optional, { maxLength: Math.min(optional.length, 3) })
      .chain((chosen) =>
        fc.record(Object.fromEntries(fields.filter(([name]) => needed.has(name) || chosen.includes(name)))),
      );
    if (fields.length > 0 || typeof more !== "object") return known;
    return fc.dictionary(fc.string({ maxLength: 10 }), go(more), { maxKeys: 3 });
  }
}
