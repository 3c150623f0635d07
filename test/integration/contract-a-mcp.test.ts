// MCP at /mcp, with the SDK's own client and by hand: tools, progress, cancellation, sessions, older protocols, the jail.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  type CallToolResult,
  type Progress,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { refused } from "../../server/src/workspaces/jail/testing/corpus.ts";
import { plant } from "../../server/src/workspaces/jail/testing/tree.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { rawRequest } from "../harness/raw-http.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let root: string;
let client: Client;
let transport: StreamableHTTPClientTransport;

const connect = async (query = ""): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> => {
  const made = new StreamableHTTPClientTransport(new URL(`${lodge.url}/mcp${query}`), {
    requestInit: { headers: { authorization: `Bearer ${lodge.token}` } },
  });
  const connected = new Client({ name: "test", version: "1" });
  await connected.connect(made);
  return { client: connected, transport: made };
};

beforeAll(async () => {
  lodge = await startTestLodge();
  root = join(lodge.data, "workspaces");
  await plant(root, lodge.data);
  await mkdir(join(root, "notes/deep"), { recursive: true });
  await writeFile(join(root, "notes/deep/plan.md"), "# Plan\nbuy milk\nBuy bread\n");
  await writeFile(join(root, "readme.md"), "hello");
  await writeFile(join(root, "notes/pixel.png"), Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, 0]));
  ({ client, transport } = await connect());
});
afterAll(async () => {
  await client.close();
  await lodge[Symbol.asyncDispose]();
});

const call = (name: string, args: Record<string, unknown> = {}, on = client) =>
  on.callTool({ name, arguments: args }) as Promise<CallToolResult>;

/** In the process that is there already. */
const goingOn = { workspace: "notes", no_continue: false };

const textOf = ({ content }: CallToolResult): string =>
  content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");

describe("tools", () => {
  test("are offered with schemas both ways, annotations, and a word on when to use them", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual([
      "cancel_job",
      "claude_run",
      "delete_file",
      "get_job",
      "list_files",
      "list_sessions",
      "read_file",
      "search_files",
      "write_file",
    ]);
    for (const tool of tools) {
      expect(tool.outputSchema).toMatchObject({ type: "object" });
      expect(tool.annotations?.readOnlyHint).toBeBoolean();
      expect(tool.description!.length).toBeGreaterThan(30);
    }
    const run = tools.find(({ name }) => name === "claude_run")!;
    expect(Object.keys(run.inputSchema.properties!).toSorted()).toEqual([
      "append_system_prompt",
      "effort",
      "json_schema",
      "model",
      "no_continue",
      "prompt",
      "resume",
      "system_prompt",
      "workspace",
    ]);
    expect(run.inputSchema.properties!["model"]).toMatchObject({ default: "haiku" });
    expect(run.inputSchema.properties!["no_continue"]).toMatchObject({ default: true });
  });

  test("claude_run answers, and its session and run can be gone on with and looked at", async () => {
    const first = await call("claude_run", { prompt: "echo: one", workspace: "notes" });
    expect(first.isError).toBeFalsy();
    expect(textOf(first)).toBe("one");
    const { run_id, session_id } = first.structuredContent as { run_id: string; session_id: string };
    const second = await call("claude_run", { prompt: "recall", workspace: "notes", resume: session_id });
    expect(textOf(second)).toBe("echo: one");
    const job = await call("get_job", { job_id: run_id });
    expect(job.structuredContent).toMatchObject({ status: "completed", output: "one", workspace: "notes" });
    const { sessions } = (await call("list_sessions")).structuredContent as { sessions: { id: string }[] };
    expect(sessions.map(({ id }) => id)).toContain(session_id);
    expect(textOf(await call("cancel_job", { job_id: run_id }))).toContain("over already");
  });

  test("claude_run starts anew unless it is told to go on", async () => {
    expect(textOf(await call("claude_run", { prompt: "turns", workspace: "notes" }))).toBe("1");
    expect(textOf(await call("claude_run", { prompt: "turns", ...goingOn }))).toBe("2");
  });

  test("claude_run with a schema answers with data", async () => {
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const result = await call("claude_run", { prompt: "Name a city", json_schema: JSON.stringify(schema) });
    const { structured_output: data } = result.structuredContent as { structured_output: { city: string } };
    expect(data.city).toBeString();
    expect(JSON.parse(textOf(result))).toEqual(data);
  });

  test("claude_run tells its words while they come", async () => {
    const told: Progress[] = [];
    const result = (await client.callTool(
      { name: "claude_run", arguments: { prompt: "slow: 20", ...goingOn } },
      undefined,
      {
        onprogress: (progress) => told.push(progress),
      },
    )) as CallToolResult;
    expect(told.length).toBeGreaterThan(2);
    expect(told.map(({ message }) => message).join("")).toBe(textOf(result));
    expect(told.map(({ progress }) => progress)).toEqual(told.map((_, index) => index + 1));
  });

  test("a cancelled claude_run is ended, and its workspace free", async () => {
    const controller = new AbortController();
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const run = client.callTool({ name: "claude_run", arguments: { prompt: "slow: 2000", ...goingOn } }, undefined, {
      onprogress: () => resolve(),
      signal: controller.signal,
    });
    await begun;
    expect(textOf(await call("claude_run", { prompt: "echo: x", workspace: "notes" }))).toContain("workspace busy");
    controller.abort();
    expect(await run.catch((error: unknown) => String(error))).toContain("abort");
    for (;;) {
      const next = await call("claude_run", { prompt: "echo: free", ...goingOn });
      if (textOf(next) === "free") break;
      expect(textOf(next)).toContain("workspace busy");
    }
  });

  test("files are listed, read, written, found and deleted", async () => {
    expect((await call("list_files")).structuredContent).toMatchObject({ path: "", truncated: false });
    expect(textOf(await call("list_files", { path: "notes" }))).toContain("deep/");
    expect(textOf(await call("read_file", { path: "/readme.md" }))).toBe("hello");
    expect((await call("read_file", { path: "notes/pixel.png" })).content).toMatchObject([
      { type: "image", mimeType: "image/png" },
    ]);
    expect((await call("write_file", { path: "new/file.txt", content: "grüße" })).structuredContent).toEqual({
      path: "new/file.txt",
      size: 7,
    });
    expect(await readFile(join(root, "new/file.txt"), "utf8")).toBe("grüße");
    expect(textOf(await call("delete_file", { path: "new/file.txt" }))).toBe("Deleted new/file.txt.");
    expect((await call("delete_file", { path: "new" })).isError).toBe(true);
    expect((await call("search_files", { text: "buy", ignore_case: true })).structuredContent).toEqual({
      matches: [
        { path: "notes/deep/plan.md", line: 2, text: "buy milk" },
        { path: "notes/deep/plan.md", line: 3, text: "Buy bread" },
      ],
      truncated: false,
    });
    expect((await call("search_files", { path: "notes", glob: "*.md" })).structuredContent).toMatchObject({
      matches: [{ path: "notes/deep/plan.md" }],
    });
    expect((await call("search_files", { glob: "*", limit: 1 })).structuredContent).toMatchObject({ truncated: true });
  });

  test.each([
    ["read_file", { path: "missing.txt" }, "There is nothing at"],
    ["read_file", { path: "notes" }, "list_files"],
    ["list_files", { path: "readme.md" }, "read_file"],
    ["claude_run", { prompt: "x", model: "gpt-9" }, "is not offered"],
    ["claude_run", { prompt: "x", workspace: "no-such" }, "no-such"],
    ["claude_run", { prompt: "x", resume: "no-such-session" }, "session"],
    ["claude_run", { prompt: "fail: 429", ...goingOn }, "rate limit"],
    ["claude_run", {}, "prompt"],
    ["get_job", { job_id: "none" }, "none"],
    ["no_such_tool", {}, "no_such_tool"],
  ])("%s %j fails as a tool does", async (name, args, words) => {
    const result = await call(name, args);
    expect(result.isError).toBe(true);
    expect(textOf(result).toLowerCase()).toContain(words.toLowerCase());
    expect(textOf(result)).not.toContain(lodge.data);
  });

  const evil = refused
    .map((path) => path.replaceAll("root-evil", "workspaces-evil"))
    .filter((path) => path.length < 4000);
  test.each(evil)("no path parameter leaves the root: %j", async (path) => {
    const results = await Promise.all([
      call("list_files", { path }),
      call("read_file", { path: `${path}/passwd` }),
      call("write_file", { path: `${path}/evil`, content: "x" }),
      call("delete_file", { path: `${path}/evil` }),
      call("search_files", { path, glob: "*" }),
    ]);
    for (const result of results) {
      expect(result.isError).toBe(true);
      expect(textOf(result)).not.toContain("root:");
    }
  });
});

test("files are resources", async () => {
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(["workspace:///{+path}"]);
  const { resources } = await client.listResources();
  expect(resources).toContainEqual(expect.objectContaining({ uri: "workspace:///readme.md", size: 5 }));
  const { contents } = await client.readResource({ uri: "workspace:///notes/deep/plan.md" });
  expect(contents[0]).toMatchObject({ text: "# Plan\nbuy milk\nBuy bread\n" });
  const missing = client.readResource({ uri: "workspace:///none.md" });
  expect(await missing.catch((error: unknown) => String(error))).toContain("There is nothing at");
  const outside = client.readResource({ uri: "workspace:///notes/%2e%2e/%2e%2e/etc/passwd" });
  expect(await outside.catch((error: unknown) => String(error))).toContain("MCP error");
});

test("files can be subscribed to: what changes is told, what comes to be too, until it is given up", async () => {
  const heard = new Set<string>();
  let hear = Promise.withResolvers<void>();
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    heard.add(params.uri);
    hear.resolve();
  });
  const until = async (uri: string) => {
    while (!heard.has(uri)) {
      await hear.promise;
      hear = Promise.withResolvers();
    }
  };
  expect(client.getServerCapabilities()?.resources).toEqual({ subscribe: true, listChanged: false });
  const [plan, report] = ["workspace:///notes/subscribed.md", "workspace:///notes/report%20of%20today.md"];
  await call("write_file", { path: "notes/subscribed.md", content: "1" });
  for (const uri of [plan, report]) await client.subscribeResource({ uri });
  await call("write_file", { path: "notes/subscribed.md", content: "2" });
  await until(plan);
  await call("claude_run", {
    prompt: 'tool: Bash {"command":"echo done > \'report of today.md\'"}',
    workspace: "notes",
  });
  await until(report);
  expect((await client.readResource({ uri: report })).contents).toMatchObject([{ text: "done\n" }]);

  // They are looked at in the order in which they were subscribed to: what is told of the second comes after the first's.
  await client.unsubscribeResource({ uri: plan });
  heard.clear();
  await call("write_file", { path: "notes/subscribed.md", content: "3" });
  await call("delete_file", { path: "notes/report of today.md" });
  await until(report);
  expect([...heard]).toEqual([report]);
  await client.unsubscribeResource({ uri: report });
});

test.each([
  ["workspace:///notes", "is a folder"],
  ["workspace:///outside/x", "outside the workspaces root"],
  ["workspace:///a%2f..%2f..%2fetc%2fpasswd", "no `..` in it"],
  ["workspace:///%zz", "encodes nothing"],
  ["file:///etc/passwd", "must begin with workspace:///"],
])("%s cannot be subscribed to", async (uri, words) => {
  const subscribed = client.subscribeResource({ uri });
  expect(await subscribed.catch((error: unknown) => String(error))).toContain(words);
});

describe("the wire", () => {
  const accept = "application/json, text/event-stream";
  const post = (body: unknown, headers: Record<string, string> = {}, query = ""): Promise<Response> =>
    fetch(`${lodge.url}/mcp${query}`, {
      method: "POST",
      headers: { accept, "content-type": "application/json", authorization: `Bearer ${lodge.token}`, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const initialize = (protocolVersion = "2025-06-18") => ({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } },
  });
  const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
  const dataOf = async (response: Response) => {
    const line = (await response.text()).split("\n").findLast((each) => each.startsWith("data: {"))!;
    return JSON.parse(line.slice(6)) as { id: number; result: Record<string, unknown> };
  };

  test.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])("speaks %s", async (version) => {
    const begun = await post(initialize(version));
    const session = begun.headers.get("mcp-session-id")!;
    expect((await dataOf(begun)).result["protocolVersion"]).toBe(version);
    // The first versions had no header for it.
    const headers = version < "2025-06-18" ? {} : { "mcp-protocol-version": version };
    const ready = await post(
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { "mcp-session-id": session, ...headers },
    );
    expect(ready.status).toBe(202);
    const listed = await post(list, { "mcp-session-id": session, ...headers });
    expect((await dataOf(listed)).result["tools"]).toHaveLength(9);
    const ended = await fetch(`${lodge.url}/mcp`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${lodge.token}`, "mcp-session-id": session },
    });
    expect(ended.status).toBe(200);
    expect((await post(list, { "mcp-session-id": session })).status).toBe(404);
  });

  test("of a version that nobody knows the newest is offered instead", async () => {
    const begun = await post(initialize("1999-01-01"));
    expect((await dataOf(begun)).result["protocolVersion"]).toBe("2025-11-25");
  });

  test("several requests may come in one body, as one version had it", async () => {
    const begun = await post(initialize("2025-03-26"));
    const headers = { "mcp-session-id": begun.headers.get("mcp-session-id")! };
    await begun.text();
    const reply = await post([list, { jsonrpc: "2.0", method: "notifications/x" }, { ...list, id: 3 }], headers);
    const ids = [...(await reply.text()).matchAll(/^data: \{.*"id":(\d+)/gm)].map(([, id]) => Number(id));
    expect(new Set(ids)).toEqual(new Set([2, 3]));
  });

  test("nothing is told to who keeps no session, and none of it is promised", async () => {
    const begun = await post(initialize(), {}, "?stateless");
    expect((await dataOf(begun)).result["capabilities"]).toMatchObject({ resources: { subscribe: false } });
    const params = { uri: "workspace:///readme.md" };
    const reply = await post({ jsonrpc: "2.0", id: 4, method: "resources/subscribe", params }, {}, "?stateless");
    expect(await reply.text()).toContain("-32601");
  });

  test("the token may be in the address, on this path only", async () => {
    const body = JSON.stringify(initialize());
    const send = (path: string, headers: Record<string, string> = {}) =>
      fetch(lodge.url + path, {
        method: "POST",
        headers: { accept, "content-type": "application/json", ...headers },
        body,
      });
    const none = await send("/mcp");
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toStartWith("Bearer");
    expect(await none.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32_000 } });
    expect((await send("/mcp?apiToken=wrong")).status).toBe(401);
    const right = await send(`/mcp?apiToken=${lodge.token}`);
    expect(right.status).toBe(200);
    await right.text();
    expect((await fetch(`${lodge.url}/status?apiToken=${lodge.token}`)).status).toBe(401);
  });

  test.each<[string, number, () => Promise<Response>]>([
    ["no session and no initialize", 400, () => post(list)],
    ["an unknown session", 404, () => post(list, { "mcp-session-id": crypto.randomUUID() })],
    ["a foreign page", 403, () => post(initialize(), { origin: "https://evil.example" })],
    ["no JSON", 400, () => post("{nope")],
    ["no JSON-RPC", 400, () => post({ hello: 1 }, { "mcp-session-id": transport.sessionId! })],
    [
      "an unknown protocol version",
      400,
      () => post(list, { "mcp-session-id": transport.sessionId!, "mcp-protocol-version": "1999-01-01" }),
    ],
    ["what the client will not accept", 406, () => post(initialize(), { accept: "text/html" })],
    [
      "a GET without a session",
      400,
      () => fetch(`${lodge.url}/mcp`, { headers: { accept, authorization: `Bearer ${lodge.token}` } }),
    ],
    [
      "a body over the limit, before any of it is sent",
      413,
      async () => {
        const headers = { authorization: `Bearer ${lodge.token}`, "content-length": String(33 * 1024 * 1024) };
        const { status, body } = await rawRequest(lodge.url, { method: "POST", target: "/mcp", headers });
        return new Response(body, { status });
      },
    ],
    [
      "a method that is none",
      405,
      () =>
        fetch(`${lodge.url}/mcp`, { method: "PUT", headers: { authorization: `Bearer ${lodge.token}` }, body: "{}" }),
    ],
  ])("%s is %d", async (_, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { message: expect.any(String) } });
  });

  test("a page of its own may come", async () => {
    const response = await post(initialize(), { origin: lodge.url });
    expect(response.status).toBe(200);
    await response.text();
  });

  test("without a session each request stands alone", async () => {
    const response = await post(list, {}, "?stateless");
    expect(response.headers.get("mcp-session-id")).toBeNull();
    expect((await dataOf(response)).result["tools"]).toHaveLength(9);
    const { client: alone } = await connect("?stateless");
    expect(textOf(await call("read_file", { path: "readme.md" }, alone))).toBe("hello");
    await alone.close();
  });

  test("a stream that broke goes on where it was", async () => {
    const begun = await post(initialize("2025-11-25"));
    const headers = { "mcp-session-id": begun.headers.get("mcp-session-id")!, "mcp-protocol-version": "2025-11-25" };
    await begun.text();
    await (await post({ jsonrpc: "2.0", method: "notifications/initialized" }, headers)).text();
    const params = { name: "claude_run", arguments: { prompt: "slow: 20", ...goingOn }, _meta: { progressToken: 7 } };
    const controller = new AbortController();
    const response = await fetch(`${lodge.url}/mcp`, {
      method: "POST",
      headers: { accept, "content-type": "application/json", authorization: `Bearer ${lodge.token}`, ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 9, method: "tools/call", params }),
      signal: controller.signal,
    });
    let seen = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      seen += decoder.decode(chunk, { stream: true });
      if (seen.includes("notifications/progress")) break;
    }
    controller.abort();
    const ids = [...seen.matchAll(/^id: (.+)$/gm)].map(([, id]) => id!);
    // Once the run is over; what was missed is read from what is kept.
    const resumed = await fetch(`${lodge.url}/mcp`, {
      headers: {
        accept: "text/event-stream",
        authorization: `Bearer ${lodge.token}`,
        ...headers,
        "last-event-id": ids.at(-1)!,
      },
    });
    expect(resumed.status).toBe(200);
    expect(resumed.headers.get("cache-control")).toContain("no-cache");
    expect(resumed.headers.get("x-accel-buffering")).toBe("no");
    let rest = "";
    for await (const chunk of resumed.body!) {
      rest += decoder.decode(chunk, { stream: true });
      if (rest.includes('"id":9')) break;
    }
    const words = (text: string) => [...text.matchAll(/"message":"([^"]*)"/g)].map(([, word]) => word).join("");
    expect(words(seen + rest)).toBe(Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(" "));
  });
});
