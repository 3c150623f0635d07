/** Requests made up from the API's description: some as it says, some nearly so, some that no client would send. */
import fc from "fast-check";
import { literal, refused } from "../../../server/src/workspaces/jail/testing/corpus.ts";
import { fromSchema, type Schema } from "./from-schema.ts";

export interface Drawn {
  method: string;
  /** As it goes out, the query included. `{known:3}` stands for an id that a reply told of. */
  target: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | null;
}

interface Parameter {
  name: string;
  in: string;
  schema?: Schema;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
}

export interface Description {
  paths: Record<string, Record<string, Operation | Parameter[]>>;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export const climbing = fc.constantFrom(...refused, ...literal, "missing", "link/secret", "a/b/c");
const words = fc.oneof(fc.constantFrom("echo: hi", "hello", "turns"), fc.string({ unit: "binary", minLength: 1 }));

/** Only what leads nowhere: a fuzz must not knock at strangers' doors. */
const urls = fc.constantFrom(
  "http://127.0.0.1:1/x",
  "http://[::1]:1/",
  "http://0x7f000001/",
  "http://localhost:1/",
  "http://169.254.169.254/latest",
  "file:///etc/passwd",
  "ftp://127.0.0.1/",
  "data:image/png;base64,AAAA",
  "data:,",
  "//x",
  "nonsense",
  "",
);

const mostly = (often: fc.Arbitrary<unknown>, seldom: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: often, weight: 4 }, { arbitrary: seldom, weight: 1 });

/** Fields that a schema says too little of for anything behind the validation to be reached, or too much to be safe. */
export function named(field: string): fc.Arbitrary<unknown> | undefined {
  if (/url$/i.test(field)) return urls;
  switch (field) {
    case "model":
      return mostly(fc.constantFrom("haiku:model", "openai/haiku"), words);
    case "workspace":
      return mostly(fc.constantFrom("", "a", "/b"), climbing);
    case "prompt":
      return words;
    // What a run may take of the time that there is.
    case "timeoutSeconds":
    case "timeout_seconds":
      return mostly(fc.constant(5), fc.constantFrom(0, -1, 1e308, "5"));
    case "messages":
      return mostly(conversation, fc.jsonValue({ maxDepth: 2 }));
    default:
      return undefined;
  }
}

const conversation = fc
  .array(fc.tuple(words, fc.oneof(words, fc.constant([{ type: "text", text: "hi" }]))), { maxLength: 2 })
  .map((turns) => [
    ...turns.flatMap(([asked, answered]) => [
      { role: "user", content: asked },
      { role: "assistant", content: answered },
    ]),
    { role: "user", content: "echo: hi" },
  ]);

export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -0,
    1e308,
    2 ** 53,
    -1,
    0.1,
    "",
    "\0",
    "\ud800",
    "x".repeat(70_000),
    [],
    {},
    [[[[]]]],
    [null],
    { __proto__: null, constructor: 1, toString: 1 },
    { $ref: "#" },
    "../../etc/passwd",
    "--help",
    "; id",
    "'; DROP TABLE jobs; --",
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Puts something where something else is expected, at any depth. */
export function replaced(value: unknown, at: number, by: unknown): unknown {
  if (Array.isArray(value) && value.length > 0) {
    const index = at % value.length;
    return value.map((item: unknown, i) => (i === index ? replaced(item, Math.floor(at / value.length), by) : item));
  }
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value);
    const name = names[at % (names.length + 1)];
    if (name === undefined) return by;
    const inner = (value as Record<string, unknown>)[name];
    return { ...value, [name]: replaced(inner, Math.floor(at / (names.length + 1)), by) };
  }
  return by;
}

const json = (value: unknown): string => JSON.stringify(value) ?? "null";
const bytes = (text: string, encoding: BufferEncoding) => new Uint8Array(Buffer.from(text, encoding));

const broken: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.constantFrom<string | Uint8Array<ArrayBuffer>>(
    "",
    "{",
    '{"a":',
    "null",
    "[]",
    '"text"',
    "NaN",
    "{'prompt':'hi'}",
    '{"prompt":"hi"}}',
    '\uFEFF{"prompt":"echo: hi"}',
    '{"__proto__":{"prompt":"hi"}}',
    '{"prompt":"a","prompt":3}',
    '{"prompt":1e999}',
    "[".repeat(50_000),
    `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
    bytes('{"prompt":"hi"}', "utf16le"),
    bytes('{"prompt":"\xff\xfe"}', "latin1"),
    "prompt=hi&workspace=..",
    '--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nhi\r\n--x--\r\n',
  ),
  fc.string({ unit: "binary" }),
  fc.uint8Array({ maxLength: 100 }).map((array) => new Uint8Array(array)),
);

function bodyFor(operation: Operation): fc.Arbitrary<Drawn["body"]> {
  const content = Object.entries(operation.requestBody?.content ?? {});
  const [mediaType, { schema } = {}] = content[0] ?? [];
  if (mediaType === undefined) return fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, broken);
  if (mediaType !== "application/json" || !schema) return fc.oneof(fc.constant(null), broken);
  const asDescribed = fromSchema(schema, named);
  return fc.oneof(
    { arbitrary: asDescribed.map(json), weight: 2 },
    {
      arbitrary: fc.tuple(asDescribed, fc.nat(), hostile).map(([value, at, by]) => json(replaced(value, at, by))),
      weight: 4,
    },
    { arbitrary: broken, weight: 2 },
  );
}

const ids = fc.oneof(
  { arbitrary: fc.nat(1000).map((n) => `{known:${n}}`), weight: 3 },
  { arbitrary: climbing.map(encodeURIComponent), weight: 3 },
  fc.uuid(),
  fc.constantFrom(
    "%00",
    "%",
    "%zz",
    "%ff",
    "..%2f..%2fetc",
    "haiku",
    "-1",
    "9".repeat(400),
    "__proto__",
    "constructor",
  ),
  fc.string({ unit: "binary", minLength: 1 }).map(encodeSafely),
);

export function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const values: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "0", "-1", "1e309", "NaN", "true", "a,b", "../..", "%00", "[]", "completed", "running", "job"),
  fc.nat(1000).map((n) => `{known:${n}}`),
  climbing,
  fc.string({ unit: "binary" }),
);

/** Latin letters alone may stand in a header. */
const headerValue = fc.oneof(
  fc.constantFrom(
    "",
    "0",
    "-1",
    "1",
    "yes",
    "1e9",
    "bytes=0-",
    "bytes=9-1,5-",
    '"tag"',
    "*",
    'W/"x"',
    "x".repeat(9000),
  ),
  fc.nat(1000).map((n) => `{known:${n}}`),
  fc.string({ unit: fc.constantFrom(...Array.from("abcäöÿ ,;=\"'/.-%0123456789")) }),
);

const headerNames = [
  "x-claude-workspace",
  "x-claude-session",
  "x-arch-claude-cli-session",
  "x-claude-continue",
  "x-claude-append-system-prompt",
  "x-claude-mode",
  "x-claude-effort",
  "x-claude-permission-mode",
  "x-claude-max-turns",
  "x-claude-keep-running",
  "anthropic-version",
  "anthropic-beta",
  "idempotency-key",
  "last-event-id",
  "range",
  "if-range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "content-range",
  "content-encoding",
  "accept",
  "accept-encoding",
  "origin",
  "cookie",
  "x-forwarded-for",
];

const contentTypes = fc.oneof(
  { arbitrary: fc.constant("application/json"), weight: 6 },
  fc.constantFrom(
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/json; charset=utf-16",
    "nonsense",
    "",
  ),
);

const headers = fc
  .tuple(
    contentTypes,
    fc.array(fc.tuple(fc.constantFrom(...headerNames), fc.oneof(headerValue, climbing.map(encodeSafely))), {
      maxLength: 3,
    }),
  )
  // What a turn may take of the time that there is.
  .map(([type, more]) => ({ "x-claude-timeout": "5", "content-type": type, ...Object.fromEntries(more) }));

function requestTo(path: string, method: string, operation: Operation): fc.Arbitrary<Drawn> {
  const names = (operation.parameters ?? []).filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const query = fc.array(fc.tuple(fc.constantFrom(...names, "x"), values), { maxLength: 3 });
  return fc
    .record({
      method: fc.oneof({ arbitrary: fc.constant(method.toUpperCase()), weight: 9 }, fc.constantFrom(...methods)),
      ids: fc.array(ids, { minLength: 4, maxLength: 4 }),
      query,
      headers,
      body: bodyFor(operation),
    })
    .map((drawn) => {
      let next = 0;
      const target = path.replaceAll(/\{\w+\}/g, () => drawn.ids[next++ % 4]!);
      const search = drawn.query.map(
        ([name, value]) =>
          `${name}=${encodeSafely(value).replaceAll("%7B", "{").replaceAll("%7D", "}").replaceAll("%3A", ":")}`,
      );
      const bodiless = drawn.method === "GET" || drawn.method === "HEAD";
      return {
        method: drawn.method,
        target: search.length === 0 ? target : `${target}?${search.join("&")}`,
        headers: drawn.headers,
        body: bodiless ? null : drawn.body,
      };
    });
}

/** One of any operation, each as often as another; those of MCP count as a few. */
export function requests({ paths }: Description, mcp: fc.Arbitrary<Drawn>): fc.Arbitrary<Drawn> {
  const each = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      Array.isArray(operation) ? [] : [requestTo(path, method, operation)],
    ),
  );
  return fc.oneof(...each, { arbitrary: mcp, weight: 6 });
}
