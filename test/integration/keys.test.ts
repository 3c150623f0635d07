// API keys at every family: what they may not do is refused in the family's own words, and nobody meets another's work.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type KeyScope, keyScope, type NewKey, terminalClose } from "@lodge/shared";
import { errorFamilyOf, requireError } from "../harness/error-bodies.ts";
import { type KeyClient, makeKey, withKey } from "../harness/key-client.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { TestTerminal } from "../harness/terminal.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
/** Keys for one workspace each, with every scope but `admin`. */
let alpha: KeyClient;
let beta: KeyClient;

const clientScopes: KeyScope[] = ["api", "files", "jobs", "terminals"];
const key = (settings: Partial<NewKey> = {}) => makeKey(lodge, settings);

beforeAll(async () => {
  lodge = await startTestLodge();
  const root = join(lodge.data, "workspaces");
  await mkdir(join(root, "alpha/src"), { recursive: true });
  await mkdir(join(root, "beta"));
  await writeFile(join(root, "alpha/a.txt"), "of alpha");
  await writeFile(join(root, "beta/b.txt"), "of beta");
  await writeFile(join(root, "top.txt"), "of nobody");
  await symlink("../beta", join(root, "alpha/way-out"));
  alpha = await key({ name: "alpha", scopes: clientScopes, workspaces: ["alpha"] });
  beta = await key({ name: "beta", scopes: clientScopes, workspaces: ["beta"] });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const user = (content: string) => ({ role: "user" as const, content });
const message = (content: string) => ({ model: "haiku", max_tokens: 1000, messages: [user(content)] });
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

interface Call {
  path: string;
  method?: string;
  body?: unknown;
  /** One of these is enough; none where any key will do. */
  scopes: KeyScope[];
}

const noSession = "00000000-0000-4000-8000-000000000000";

/** Each begins nothing: a body is wrong where a right one would begin a turn. */
const calls: Call[] = [
  { path: "/v1/messages", method: "POST", body: {}, scopes: ["api"] },
  { path: "/v1/messages/count_tokens", method: "POST", body: {}, scopes: ["api"] },
  { path: "/v1/chat/completions", method: "POST", body: {}, scopes: ["api"] },
  { path: "/openai/v1/chat/completions", method: "POST", body: {}, scopes: ["api"] },
  { path: "/v1/responses", method: "POST", body: {}, scopes: ["api"] },
  { path: "/v1/responses/resp_none", scopes: ["api"] },
  { path: "/v1/responses/resp_none", method: "DELETE", scopes: ["api"] },
  { path: "/files", scopes: ["files"] },
  { path: "/files/none.txt", method: "PUT", body: "x", scopes: ["files"] },
  { path: "/files/none.txt", method: "DELETE", scopes: ["files"] },
  { path: "/run", method: "POST", body: {}, scopes: ["jobs"] },
  { path: "/run/result?runId=none", scopes: ["jobs"] },
  { path: "/run/cancel?workspace=alpha", method: "POST", scopes: ["jobs"] },
  { path: "/execute", method: "POST", body: {}, scopes: ["jobs"] },
  { path: "/jobs", scopes: ["jobs"] },
  { path: "/jobs/none/events", scopes: ["jobs"] },
  { path: "/mcp", method: "POST", body: initialize, scopes: ["files", "jobs"] },
  { path: "/api/terminals", method: "POST", body: { resume: 1 }, scopes: ["terminals", "admin"] },
  { path: `/api/terminals/${noSession}/tickets`, method: "POST", body: {}, scopes: ["terminals", "admin"] },
  { path: "/api/sessions", scopes: ["terminals", "admin"] },
  { path: `/api/sessions/${noSession}`, scopes: ["terminals", "admin"] },
  { path: `/api/sessions/${noSession}/end`, method: "POST", scopes: ["terminals", "admin"] },
  { path: `/api/sessions/${noSession}/transcript`, scopes: ["admin"] },
  { path: `/api/sessions/${noSession}`, method: "DELETE", scopes: ["admin"] },
  { path: "/api/events", scopes: ["admin"] },
  { path: "/api/workspaces", scopes: ["admin"] },
  { path: "/api/jobs", scopes: ["admin"] },
  { path: "/api/keys", scopes: ["admin"] },
  { path: "/api/keys", method: "POST", body: {}, scopes: ["admin"] },
  { path: "/api/settings", scopes: ["admin"] },
  { path: "/api/audit", scopes: ["admin"] },
  { path: "/api/nothing", scopes: ["admin"] },
  { path: "/nothing-of-ours/x.js", scopes: [] },
  { path: "/status", scopes: [] },
];
const closed = calls.filter(({ path }) => !path.startsWith("/nothing-of-ours"));

function send({ path, method = "GET", body }: Call, client: Pick<KeyClient, "fetch">): Promise<Response> {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  return client.fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** The refusal's message; throws unless it has that status and the family's own shape. */
async function refused(call: Call, client: Pick<KeyClient, "fetch">, status: number): Promise<string> {
  const response = await send(call, client);
  const raw = await response.text();
  expect([call.path, response.status, raw]).toEqual([call.path, status, raw]);
  const { pathname } = new URL(response.url);
  if (pathname === "/mcp") {
    const { error } = JSON.parse(raw) as { error: { code: number; message: string } };
    expect(error.code).toBe(-32_000);
    return error.message;
  }
  return requireError(errorFamilyOf(pathname, response.headers), response, raw, [lodge.data]).message;
}

async function told<T>(reply: Promise<Response>): Promise<T> {
  const response = await reply;
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

test("no family takes a key that is unknown, expired or revoked", async () => {
  const expired = await key({ expiresAt: 1 });
  const revoked = await key();
  expect((await lodge.fetch(`/api/keys/${revoked.id}`, { method: "DELETE" })).status).toBe(200);
  const clients: [KeyClient, RegExp][] = [
    [withKey(lodge, `lodge_${"0".repeat(48)}`), /valid token/],
    [expired, /expired at 1970/],
    [revoked, /was revoked/],
  ];
  for (const [client, words] of clients) {
    for (const call of closed) expect(await refused(call, client, 401)).toMatch(words);
  }
  const { headers } = await expired.fetch("/mcp");
  expect(headers.get("www-authenticate")).toContain("Bearer");
});

test("each address takes the scopes that it is for, and names them to all others", async () => {
  for (const scope of keyScope.options) {
    const client = await key({ name: scope, scopes: [scope] });
    for (const call of closed) {
      if (call.scopes.length > 0 && !call.scopes.includes(scope)) {
        const words = await refused(call, client, 403);
        expect(words).toContain(call.scopes.map((name) => `\`${name}\``).join(" or "));
        continue;
      }
      const response = await send(call, client);
      await response.body?.cancel();
      expect([call.path, scope, [401, 403, 429].includes(response.status)]).toEqual([call.path, scope, false]);
    }
  }
});

test("a tool of MCP says which scope it needs", async () => {
  const files = await key({ scopes: ["files"] });
  const jobs = await key({ scopes: ["jobs"] });
  expect(await files.tool("list_files")).toMatchObject({ isError: false });
  expect(await jobs.tool("list_sessions")).toMatchObject({ isError: false });
  for (const [client, tool, scope] of [
    [jobs, "write_file", "files"],
    [jobs, "search_files", "files"],
    [files, "claude_run", "jobs"],
    [files, "list_sessions", "jobs"],
  ] as const) {
    const args = { path: "x", content: "x", prompt: "x" };
    expect(await client.tool(tool, args)).toEqual({ isError: true, text: expect.stringContaining(`\`${scope}\``) });
  }
});

test("more requests in a minute than may be wait as long as they are told, in every family", async () => {
  const client = await key({ scopes: [...keyScope.options], requestsPerMinute: 2 });
  for (let k = 0; k < 2; k++) expect((await client.fetch("/status")).status).toBe(200);
  for (const call of closed) {
    const response = await send(call, client);
    const wait = Number(response.headers.get("retry-after"));
    expect([call.path, response.status, wait >= 1 && wait <= 60]).toEqual([call.path, 429, true]);
    await response.body?.cancel();
  }
  expect(await refused(calls[0]!, client, 429)).toContain("2 requests a minute");
  // Nobody else waits with it.
  expect((await (await key()).fetch("/v1/models")).status).toBe(200);
});

const secondsLeft = (): number => 86_400 - (Date.now() % 86_400_000) / 1000;

test("a key that has spent what it may begins no turn before midnight UTC, by any way", async () => {
  // What was spent before midnight does not count after it.
  if (secondsLeft() < 30) await Bun.sleep(secondsLeft() * 1000 + 1);
  const client = await key({ scopes: clientScopes, usdPerDay: 0.000_001 });
  expect((await client.post("/v1/messages", message("echo: costly"))).status).toBe(200);
  const beginnings: Call[] = [
    { path: "/v1/messages", body: message("x"), scopes: [] },
    { path: "/v1/chat/completions", body: message("x"), scopes: [] },
    { path: "/v1/chat/completions", body: { ...message("x"), stream: true }, scopes: [] },
    { path: "/v1/responses", body: { model: "haiku", input: "x" }, scopes: [] },
    { path: "/v1/responses", body: { model: "haiku", input: "x", background: true }, scopes: [] },
    { path: "/run", body: { prompt: "x" }, scopes: [] },
    { path: "/execute", body: { prompt: "x" }, scopes: [] },
    { path: "/api/terminals", body: { workspace: "" }, scopes: [] },
  ];
  for (const call of beginnings) {
    const response = await send({ ...call, method: "POST" }, client);
    expect([call.path, response.status]).toEqual([call.path, 429]);
    const wait = Number(response.headers.get("retry-after"));
    expect(Math.abs(wait - secondsLeft())).toBeLessThan(60);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await response.text()).toContain("midnight UTC");
  }
  expect(await client.tool("claude_run", { prompt: "x" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("midnight UTC"),
  });
  for (const path of ["/v1/models", "/files", "/jobs"]) expect((await client.fetch(path)).status).toBe(200);
  const { keys } = await told<{ keys: { id: string; usdToday: number }[] }>(lodge.fetch("/api/keys"));
  expect(keys.find(({ id }) => id === client.id)!.usdToday).toBeGreaterThan(0);
});

describe("a key for one workspace", () => {
  test("works there, also where it names none", async () => {
    const named = await alpha.post("/v1/messages", message("echo: here"), { "x-claude-workspace": "alpha/src" });
    expect(named.status).toBe(200);
    const unnamed = await alpha.post("/v1/chat/completions", message("echo: here"));
    expect(unnamed.status).toBe(200);
    const { sessions } = await told<{ sessions: { workspace: string }[] }>(
      alpha.fetch("/api/sessions?workspace=alpha/src"),
    );
    expect(sessions.map(({ workspace }) => workspace)).toEqual(["alpha/src"]);
    const id = unnamed.headers.get("x-claude-session");
    expect(await told(alpha.fetch(`/api/sessions/${id}`))).toMatchObject({ session: { workspace: "alpha" } });
  });

  test.each(["beta", "beta/none", "/beta", "alpha/way-out", "alphabet"])("does not in %p", async (workspace) => {
    const header = { "x-claude-workspace": workspace };
    const words = /^This key is not for/;
    const tries: Call[] = [
      { path: "/run", body: { prompt: "x", workspace }, scopes: [] },
      { path: "/execute", body: { prompt: "x", workspace }, scopes: [] },
      { path: `/run/cancel?workspace=${encodeURIComponent(workspace)}`, body: {}, scopes: [] },
      { path: "/api/terminals", body: { workspace }, scopes: [] },
    ];
    for (const call of tries) expect(await refused({ ...call, method: "POST" }, alpha, 403)).toMatch(words);
    for (const [path, body] of [
      ["/v1/messages", message("x")],
      ["/v1/chat/completions", message("x")],
      ["/v1/responses", { model: "haiku", input: "x" }],
      ["/v1/responses", { model: "haiku", input: "x", background: true }],
    ] as const) {
      const response = await alpha.post(path, body, header);
      expect([path, response.status, await response.text()]).toEqual([path, 403, expect.stringContaining("not for")]);
    }
    expect(await alpha.tool("claude_run", { prompt: "x", workspace })).toMatchObject({
      isError: true,
      text: expect.stringMatching(words),
    });
  });

  test("has the files of that one, and on the way to it sees nothing else", async () => {
    const names = async (path: string) =>
      (await told<{ entries: { name: string }[] }>(alpha.fetch(path))).entries.map(({ name }) => name);
    expect(await names("/files")).toEqual(["alpha"]);
    expect(await names("/files/alpha")).toEqual(["a.txt", "src", "way-out"]);
    expect(await (await alpha.fetch("/files/alpha/a.txt")).text()).toBe("of alpha");
    expect((await alpha.fetch("/files/alpha/new/x.txt", { method: "PUT", body: "x" })).status).toBe(200);
    expect((await alpha.fetch("/files/alpha/new/x.txt", { method: "DELETE" })).status).toBe(200);
    for (const path of ["beta", "beta/b.txt", "beta/none.txt", "top.txt", "alpha/way-out", "alpha/way-out/b.txt"]) {
      const words = await refused({ path: `/files/${path}`, scopes: [] }, alpha, 403);
      expect(words).toMatch(/^This key is not for/);
    }
    for (const path of ["beta/b.txt", "top.txt", "new.txt", "alpha/way-out/b.txt", "alpha/way-out/new/c.txt"]) {
      await refused({ path: `/files/${path}`, method: "PUT", body: "x", scopes: [] }, alpha, 403);
      if (path.endsWith("b.txt")) await refused({ path: `/files/${path}`, method: "DELETE", scopes: [] }, alpha, 403);
    }
    expect(await (await lodge.fetch("/files/beta/b.txt")).text()).toBe("of beta");
  });

  test("has them by MCP, too", async () => {
    expect((await alpha.tool("list_files")).text.trim()).toBe("alpha/");
    expect((await alpha.tool("search_files", { glob: "*.txt" })).text).toBe("alpha/a.txt");
    expect((await alpha.tool("search_files", { text: "of" })).text).toContain("alpha/a.txt");
    for (const [tool, args] of [
      ["list_files", { path: "beta" }],
      ["read_file", { path: "beta/b.txt" }],
      ["read_file", { path: "alpha/way-out/b.txt" }],
      ["write_file", { path: "beta/new.txt", content: "x" }],
      ["write_file", { path: "alpha/way-out/new.txt", content: "x" }],
      ["delete_file", { path: "beta/b.txt" }],
      ["search_files", { path: "beta", text: "of" }],
    ] as const) {
      expect([tool, await alpha.tool(tool, args)]).toEqual([
        tool,
        { isError: true, text: expect.stringMatching(/^This key is not for/) },
      ]);
    }
    const accept = { accept: "application/json, text/event-stream" };
    const begun = await alpha.post("/mcp", initialize, accept);
    await begun.text();
    const inSession = { ...accept, "mcp-session-id": begun.headers.get("mcp-session-id")! };
    const ask = async (method: string, params: object = {}) =>
      (await alpha.post("/mcp", { jsonrpc: "2.0", id: 1, method, params }, inSession)).text();
    expect(await ask("resources/read", { uri: "workspace:///alpha/a.txt" })).toContain("of alpha");
    expect(await ask("resources/subscribe", { uri: "workspace:///alpha/a.txt" })).toContain('"result":{}');
    for (const uri of ["workspace:///beta/b.txt", "workspace:///alpha/way-out/b.txt", "workspace:///beta/none"]) {
      for (const method of ["resources/read", "resources/subscribe"]) {
        expect([uri, await ask(method, { uri })]).toEqual([uri, expect.stringContaining("This key is not for")]);
      }
    }
    const listed = await ask("resources/list");
    expect(listed).toContain("workspace:///alpha/a.txt");
    expect(listed).not.toContain("top.txt");
  });
});

describe("what was made with one key", () => {
  /** Of `beta`, and one of the server's own token. */
  let session: string;
  let response: string;
  let run: string;
  let job: string;
  let rootSession: string;

  beforeAll(async () => {
    const asked = await beta.post("/v1/responses", { model: "haiku", input: "echo: secret of beta" });
    session = asked.headers.get("x-claude-session")!;
    response = ((await asked.json()) as { id: string }).id;
    run = (await told<{ runId: string }>(beta.post("/run", { prompt: "echo: run of beta" }))).runId;
    job = (await told<{ job_id: string }>(beta.post("/execute", { prompt: "stall" }))).job_id;
    const own = await lodge.post("/v1/messages", message("echo: of the operator"), { "x-claude-workspace": "alpha" });
    rootSession = own.headers.get("x-claude-session")!;
  });
  afterAll(() => beta.fetch(`/jobs/${job}`, { method: "DELETE" }));

  test("is not another's to see, to go on with or to end", async () => {
    const resume = { prompt: "x", resume: session };
    const tries: Call[] = [
      { path: `/v1/responses/${response}`, scopes: [] },
      { path: `/v1/responses/${response}/input_items`, scopes: [] },
      { path: `/v1/responses/${response}`, method: "DELETE", scopes: [] },
      { path: `/v1/responses/${response}/cancel`, method: "POST", scopes: [] },
      { path: `/run/result?runId=${run}`, scopes: [] },
      { path: `/run/cancel?runId=${run}`, method: "POST", scopes: [] },
      { path: `/jobs/${job}`, scopes: [] },
      { path: `/jobs/${job}/events`, scopes: [] },
      { path: `/jobs/${job}`, method: "DELETE", scopes: [] },
      { path: "/run", method: "POST", body: resume, scopes: [] },
      { path: "/execute", method: "POST", body: resume, scopes: [] },
      { path: "/run", method: "POST", body: { prompt: "x", resume: rootSession }, scopes: [] },
      {
        path: "/v1/responses",
        method: "POST",
        body: { model: "haiku", input: "x", previous_response_id: response },
        scopes: [],
      },
    ];
    for (const call of tries) expect(await refused(call, alpha, 403)).toContain("belongs to another API key");
    for (const id of [session, rootSession]) {
      const reply = await alpha.post("/v1/messages", message("recall"), { "x-claude-session": id });
      expect([reply.status, await reply.text()]).toEqual([403, expect.stringContaining("another API key")]);
      expect(await alpha.tool("claude_run", { prompt: "x", resume: id })).toMatchObject({ isError: true });
    }
    for (const tool of ["get_job", "cancel_job"]) {
      expect(await alpha.tool(tool, { job_id: run })).toMatchObject({ isError: true });
    }
    const item = { type: "item_reference", id: "msg_of_nobody" };
    await refused({ path: "/v1/responses", method: "POST", body: { input: [item] }, scopes: [] }, alpha, 400);
  });

  test("is in no list but its own, and in the server's", async () => {
    for (const [client, sees] of [
      [alpha, false],
      [beta, true],
      [lodge, true],
    ] as const) {
      const { jobs } = await told<{ jobs: { job_id: string }[] }>(client.fetch("/jobs?kind=all"));
      const ids = new Set(jobs.map(({ job_id: id }) => id));
      expect([ids.has(run), ids.has(job)]).toEqual([sees, sees]);
      const status = await (await client.fetch("/status")).text();
      expect([status.includes(session), status.includes('"beta"')]).toEqual([sees, sees]);
    }
    expect((await alpha.tool("list_sessions", { limit: 100 })).text).not.toContain(session);
    expect((await beta.tool("list_sessions", { limit: 100 })).text).toContain(session);
    // Terminals are for whoever steers a workspace, whoever's session it is; but of that workspace only.
    for (const path of [`/api/sessions/${session}`, "/api/sessions?workspace=beta"]) {
      expect(await refused({ path, scopes: [] }, alpha, 403)).toContain("This key is for");
    }
    for (const path of [`/api/terminals/${session}/tickets`, `/api/sessions/${session}/end`]) {
      await refused({ path, method: "POST", body: { role: "viewer" }, scopes: [] }, alpha, 403);
    }
    expect((await alpha.fetch(`/api/sessions/${rootSession}`)).status).toBe(200);
    expect(await told(lodge.fetch(`/api/sessions/${session}`))).toMatchObject({ session: { workspace: "beta" } });
  });

  test("is out of its own reach when the key is moved to another workspace", async () => {
    const change = (workspaces: string[]) =>
      told(lodge.fetch(`/api/keys/${beta.id}`, { method: "PATCH", body: JSON.stringify({ workspaces }) }));
    await change(["alpha"]);
    try {
      for (const path of [`/jobs/${job}`, `/run/result?runId=${run}`, `/api/sessions/${session}`]) {
        expect(await refused({ path, scopes: [] }, beta, 403)).toContain("in a workspace of others");
      }
      const reply = await beta.post("/v1/messages", message("x"), { "x-claude-session": session });
      expect([reply.status, await reply.text()]).toEqual([403, expect.stringContaining("in a workspace of others")]);
      expect(await told(beta.fetch("/jobs?kind=all"))).toMatchObject({ jobs: [] });
    } finally {
      await change(["beta"]);
    }
    expect((await beta.fetch(`/jobs/${job}`)).status).toBe(200);
  });
});

test("two keys that say the same never meet in one session, whatever they call it", async () => {
  const [one, other] = [await key({ name: "one" }), await key({ name: "other" })];
  const history = [user("echo: the same words")];
  const first = await one.post("/v1/messages", { ...message(""), messages: history });
  const { content } = (await first.json()) as { content: { text: string }[] };
  const next = [...history, { role: "assistant", content }, user("turns")];
  const foreign = await other.post("/v1/messages", { ...message(""), messages: next });
  const own = await one.post("/v1/messages", { ...message(""), messages: next });
  expect(foreign.headers.get("x-lodge-session-source")).toBe("seeded");
  expect(foreign.headers.get("x-claude-session")).not.toBe(first.headers.get("x-claude-session"));
  expect(own.headers.get("x-lodge-session-source")).toBe("warm");
  expect(own.headers.get("x-claude-session")).toBe(first.headers.get("x-claude-session"));

  // Words are each key's own, and so is the latest conversation.
  const named = (client: Pick<KeyClient, "post">, text: string, headers: Record<string, string>) =>
    client.post("/v1/messages", message(text), headers);
  const word = { "x-claude-session": "my-chat" };
  const mine = await named(one, "echo: remember me", word);
  const theirs = await named(other, "recall", word);
  expect(await theirs.text()).toContain("recall");
  expect(theirs.headers.get("x-claude-session")).not.toBe(mine.headers.get("x-claude-session"));
  expect(await (await named(one, "recall", word)).text()).toContain("remember me");
  const latest = await named(lodge, "recall", { "x-claude-continue": "true" });
  expect(await latest.text()).not.toContain("remember me");
});

test("usage tells keys apart, and the audit tells who made and revoked them", async () => {
  const client = await key({ name: "counted" });
  await (await client.post("/v1/messages", message("echo: counted"))).text();
  await (await lodge.fetch(`/api/keys/${client.id}`, { method: "DELETE" })).text();
  const now = Date.now();
  const query = `from=${now - 3_600_000}&to=${now + 1000}&bucket=3600000`;
  const report = await told<{
    groups: { name: string; turns: number; costUsd: number }[];
    totals: { turns: number };
    firstTokenMs: { p50: number; p99: number } | null;
    turnMs: { p99: number };
  }>(lodge.fetch(`/api/usage?${query}&by=key`));
  expect(report.groups.find(({ name }) => name === "counted")).toMatchObject({ turns: 1 });
  expect(report.groups.map(({ name }) => name)).toContain("server token");
  expect(report.groups.reduce((sum, { turns }) => sum + turns, 0)).toBe(report.totals.turns);
  expect(report.firstTokenMs!.p50).toBeGreaterThan(0);
  expect(report.firstTokenMs!.p99).toBeGreaterThanOrEqual(report.firstTokenMs!.p50);
  expect(await (await lodge.fetch(`/api/usage.csv?${query}&by=key`)).text()).toContain("counted");
  const { entries } = await told<{ entries: { action: string; who: string; detail: string }[] }>(
    lodge.fetch("/api/audit?kind=keys&who=SERVER"),
  );
  expect(entries.slice(0, 2)).toMatchObject([
    { action: "key_revoked", who: "server token", detail: "counted" },
    { action: "key_created", who: "server token", detail: "counted" },
  ]);
});

test("a key with admin opens the dashboard, under its own name, until it is revoked", async () => {
  const admin = await key({ name: "operator", scopes: ["admin"] });
  const login = (token: string) =>
    fetch(`${lodge.url}/api/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
  const reply = await login(admin.secret);
  const cookie = reply.headers.get("set-cookie")!.split(";")[0]!;
  expect(cookie).not.toContain(admin.secret);
  const visit = (path: string) => fetch(lodge.url + path, { headers: { cookie } });
  expect((await visit("/api/server")).status).toBe(200);
  expect((await login(alpha.secret)).status).toBe(403);
  expect((await login("lodge_wrong")).status).toBe(401);
  const { entries } = await told<{ entries: { action: string; who: string }[] }>(visit("/api/audit?kind=logins"));
  expect(entries.find(({ who }) => who === "operator")).toMatchObject({ action: "logged_in" });
  expect(entries[0]).toMatchObject({ action: "login_failed" });
  // It makes no key that is for more than itself is not: whoever may make keys may do everything.
  await lodge.fetch(`/api/keys/${admin.id}`, { method: "DELETE" });
  expect((await visit("/api/server")).status).toBe(401);
});

test("a terminal that is open with a key is closed when that is revoked, and says who it was", async () => {
  const client = await key({ name: "watcher", scopes: ["terminals"], workspaces: ["alpha"] });
  const { session: opened } = await told<{ session: { id: string } }>(client.post("/api/terminals", { workspace: "" }));
  using terminal = await TestTerminal.open({ ...lodge, ...client.lodge }, opened.id, {
    name: "somebody else",
  });
  await lodge.fetch(`/api/keys/${client.id}`, { method: "DELETE" });
  await terminal.until(() => terminal.closed !== undefined);
  expect(terminal.closed).toMatchObject({ code: terminalClose.notAllowed });
  await lodge.post(`/api/sessions/${opened.id}/end`, {});
  const { entries } = await told<{ entries: { who: string; action: string }[] }>(
    lodge.fetch(`/api/audit?session=${opened.id}`),
  );
  expect(entries.map(({ who, action }) => `${action} ${who}`)).toEqual(
    expect.arrayContaining(["session_opened watcher", "attached watcher", "session_ended server token"]),
  );
});
