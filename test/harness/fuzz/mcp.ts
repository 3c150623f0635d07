/** Messages to `/mcp` made up from what its tools say of their arguments, and some that no client of MCP would send. */
import fc from "fast-check";
import { fromSchema, type Schema } from "./from-schema.ts";
import { climbing, type Drawn, encodeSafely, hostile, named, replaced } from "./requests.ts";

export interface Tool {
  name: string;
  inputSchema: Schema;
}

const path = fc.oneof({ arbitrary: fc.constantFrom("", "a", "a/file.txt", "b"), weight: 2 }, climbing);

/** What the tools name as the API does, and paths. */
const field = (name: string) => (name === "path" ? path : named(name));

const uri = fc.oneof(
  climbing.map((to) => `workspace:///${encodeSafely(to)}`),
  fc.constantFrom("workspace:///a/file.txt", "workspace://host/x", "file:///etc/passwd", "workspace:///%", "x"),
);

const other: fc.Arbitrary<{ method: string; params?: unknown }> = fc.oneof(
  fc.record({
    method: fc.constantFrom("resources/read", "resources/subscribe", "resources/unsubscribe"),
    params: fc.record({ uri }),
  }),
  fc.record({
    method: fc.constantFrom(
      "ping", "tools/list", "resources/list", "resources/templates/list", "prompts/list", "completion/complete",
      "logging/setLevel", "tasks/list", "notifications/cancelled", "notifications/initialized", "nonsense", "",
    ),
    params: hostile,
  }),
  fc.record({
    method: fc.constant("initialize"),
    params: fc.record({
      protocolVersion: fc.constantFrom("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "1999-01-01"),
      capabilities: fc.constant({}),
      clientInfo: fc.constant({ name: "fuzz", version: "1" }),
    }),
  }),
); // prettier-ignore

function callOf({ name, inputSchema }: Tool): fc.Arbitrary<{ method: string; params: unknown }> {
  const described = fromSchema(inputSchema, field);
  const args = fc.oneof(
    { arbitrary: described, weight: 2 },
    fc.tuple(described, fc.nat(), hostile).map(([value, at, by]) => replaced(value, at, by)),
  );
  return args.map((value) => ({ method: "tools/call", params: { name, arguments: value } }));
}

const headers = fc
  .record({
    accept: fc.oneof(
      { arbitrary: fc.constant("application/json, text/event-stream"), weight: 9 },
      fc.constantFrom("text/html", "*/*"),
    ),
    "mcp-session-id": fc.oneof(
      { arbitrary: fc.constant(null), weight: 3 },
      { arbitrary: fc.nat(1000).map((n) => `{known:${n}}`), weight: 2 },
      fc.constant("none"),
    ),
    "mcp-protocol-version": fc.constantFrom(null, null, null, "2025-06-18", "1999-01-01", ""),
    "last-event-id": fc.constantFrom(null, null, null, "_GET_stream_1", "x"),
  })
  .map((drawn): Record<string, string> =>
    Object.fromEntries(Object.entries(drawn).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
  );

export function mcpRequests(tools: readonly Tool[]): fc.Arbitrary<Drawn> {
  const message = fc
    .tuple(fc.oneof(...tools.map(callOf), { arbitrary: other, weight: 4 }), fc.nat(1000))
    .map(([asked, id]): unknown => ({
      jsonrpc: "2.0",
      ...(asked.method.startsWith("notifications/") ? {} : { id }),
      ...asked,
    }));
  const body = fc.oneof(
    { arbitrary: message, weight: 12 },
    fc.array(message, { maxLength: 3 }),
    fc.tuple(message, fc.nat(), hostile).map(([value, at, by]) => replaced(value, at, by)),
  );
  return fc
    .record({
      method: fc.oneof({ arbitrary: fc.constant("POST"), weight: 9 }, fc.constantFrom("GET", "DELETE", "PUT")),
      target: fc.oneof(
        { arbitrary: fc.constant("/mcp?stateless"), weight: 4 },
        fc.constantFrom("/mcp", "/mcp?apiToken=x"),
      ),
      headers,
      body,
    })
    .map((drawn) => ({
      ...drawn,
      headers: { "content-type": "application/json", ...drawn.headers },
      body: drawn.method === "POST" ? (JSON.stringify(drawn.body) ?? "null") : null,
    }));
}
