// Sessions of MCP: how many, how long, and that none ends under somebody who uses it. Time is moved by hand.
import { expect, test } from "bun:test";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { root } from "../../auth/caller.ts";
import { contextOf } from "../../http/request-context.ts";
import { ManualClock } from "../../jobs/testing/manual-clock.ts";
import { McpEndpoint } from "./endpoint.ts";

const minutes = 60_000;
const url = "http://localhost/mcp";
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};
const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };

function setUp() {
  const clock = new ManualClock();
  const held: PromiseWithResolvers<void>[] = [];
  let closed = 0;
  const endpoint = new McpEndpoint(() => {
    const server = new McpServer({ name: "test", version: "1" });
    server.registerTool("wait", {}, async () => {
      const hold = Promise.withResolvers<void>();
      held.push(hold);
      await hold.promise;
      return { content: [] };
    });
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the one way that the SDK tells of it
    server.server.onclose = () => closed++;
    return server;
  }, clock);
  const send = async (method: string, session: string | null, body?: object, query = ""): Promise<Response> => {
    const request = new Request(url + query, {
      method,
      headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        ...(session === null ? {} : { "mcp-session-id": session }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    contextOf(request).caller = root;
    return endpoint.handle(request, body);
  };
  const begin = async (): Promise<string> => {
    const response = await send("POST", null, initialize);
    await response.text();
    return response.headers.get("mcp-session-id")!;
  };
  /** What a request in a session comes to. */
  const ask = async (session: string): Promise<string> =>
    send("POST", session, list).then(
      async (response) => ((await response.text()).includes('"tools"') ? "answered" : "refused"),
      (error: Error) => error.message,
    );
  return { clock, endpoint, send, begin, ask, held, closed: () => closed };
}
const ended = "That session has ended: send initialize for a new one.";

test("a session that nobody used for half an hour has ended; each use gives it another", async () => {
  const { clock, endpoint, begin, ask, closed } = setUp();
  const [used, left] = [await begin(), await begin()];
  await clock.advance(29 * minutes);
  expect(await ask(used)).toBe("answered");
  await clock.advance(2 * minutes);
  expect(await ask(left)).toBe(ended);
  expect(await ask(used)).toBe("answered");
  await clock.advance(30 * minutes);
  expect(await ask(used)).toBe(ended);
  expect([endpoint.sessions, clock.timers, closed()]).toEqual([0, 0, 2]);
});

test("neither a call that takes long nor an open stream lets a session end", async () => {
  const { clock, send, begin, ask, held } = setUp();
  const [calling, listening] = [await begin(), await begin()];
  const call = await send("POST", calling, {
    ...list,
    id: 9,
    method: "tools/call",
    params: { name: "wait", arguments: {} },
  });
  const stream = await send("GET", listening);
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  await clock.advance(120 * minutes);
  expect([await ask(calling), await ask(listening)]).toEqual(["answered", "answered"]);
  held[0]!.resolve();
  expect(await call.text()).toContain('"id":9');
  await stream.body!.cancel();
  await clock.advance(31 * minutes);
  expect([await ask(calling), await ask(listening)]).toEqual([ended, ended]);
});

test("of very many sessions the one that rested longest makes room, and none that is in use", async () => {
  const { clock, endpoint, send, begin, ask } = setUp();
  const all: string[] = [];
  for (let k = 0; k < 200; k++) {
    await clock.advance(1);
    all.push(await begin());
  }
  await clock.advance(1);
  expect(await ask(all[0]!)).toBe("answered");
  all.push(await begin());
  expect(endpoint.sessions).toBe(200);
  expect([await ask(all[1]!), await ask(all[0]!), await ask(all[2]!)]).toEqual([ended, "answered", "answered"]);
  all.splice(1, 1);
  const streams = await Promise.all(all.map((session) => send("GET", session)));
  expect(begin()).rejects.toThrow("200 sessions are in use");
  expect(endpoint.sessions).toBe(200);
  await streams[7]!.body!.cancel();
  await begin();
  expect(await ask(all[7]!)).toBe(ended);
  await endpoint[Symbol.asyncDispose]();
});

test("what is refused, and what needs no session, leaves none", async () => {
  const { endpoint, send, closed } = setUp();
  expect((await send("POST", null, { ...initialize, jsonrpc: "1.0" })).status).toBe(400);
  const alone = await send("POST", null, list, "?stateless");
  expect(await alone.text()).toContain('"tools"');
  expect([endpoint.sessions, closed()]).toEqual([0, 2]);
});

test("the end of the server ends every session and its streams", async () => {
  const { clock, endpoint, send, begin, closed } = setUp();
  await begin();
  const stream = await send("GET", await begin());
  const rest = stream.text();
  await endpoint[Symbol.asyncDispose]();
  expect(await rest).toBe(": stream\n\n");
  expect([endpoint.sessions, clock.timers, closed()]).toEqual([0, 0, 2]);
});
