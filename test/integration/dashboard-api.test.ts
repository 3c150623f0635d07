// The dashboard's own API: its login, who may use the cookie, and live events.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { overview, serverInfo, sessionSummary, usageReport, type UsageReport, workspaceSummary } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { readFrames } from "../harness/sse.ts";
import { watchSessions } from "../harness/watch.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let cookie: string;

beforeAll(async () => {
  lodge = await startTestLodge();
  const response = await login(lodge.token);
  cookie = response.headers.get("set-cookie")!.split(";")[0]!;
});
afterAll(() => lodge[Symbol.asyncDispose]());

const login = (token: string): Promise<Response> =>
  fetch(`${lodge.url}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });

/** As a browser that is logged in. */
const browse = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(lodge.url + path, { ...init, headers: { cookie, ...headers } });

describe("the login", () => {
  test("trades the token for a cookie that no script and no other site can use", async () => {
    const response = await login(lodge.token);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true });
    const [pair, ...attributes] = response.headers.get("set-cookie")!.split("; ");
    expect(pair).toMatch(/^lodge_session=\S+$/);
    expect(pair).not.toContain(lodge.token);
    expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Strict", "Path=/"]));
  });

  test("refuses a wrong token, with no cookie and in the family's shape", async () => {
    const response = await login("not-the-token");
    expect(response.status).toBe(401);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(await response.json()).toMatchObject({ status: 401, field: "token" });
  });

  test("ends with the logout", async () => {
    const response = await browse("/api/logout", {}, { method: "POST" });
    expect(response.status).toBe(200);
    expect(response.headers.get("set-cookie")).toMatch(/^lodge_session=; .*Max-Age=0/);
  });
});

describe("the cookie", () => {
  test("opens the dashboard's API, from its own page or no page", async () => {
    expect((await browse("/api/server")).status).toBe(200);
    expect((await browse("/api/server", { origin: lodge.url })).status).toBe(200);
  });

  test.each(["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])(
    "is worth nothing to a page of %s",
    async (origin) => {
      expect((await browse("/api/server", { origin })).status).toBe(401);
      expect((await browse("/api/logout", { origin }, { method: "POST" })).status).toBe(401);
    },
  );

  test("does not open the clients' APIs", async () => {
    const body = JSON.stringify({ model: "haiku", messages: [{ role: "user", content: "hi" }] });
    expect((await browse("/v1/chat/completions", {}, { method: "POST", body })).status).toBe(401);
    expect((await browse("/v1/models")).status).toBe(401);
    expect((await browse("/status")).status).toBe(401);
  });

  test("opens the models' API to the dashboard itself, and to no page of another site", async () => {
    const own = { "x-lodge-dashboard": "1" };
    expect((await browse("/v1/models", { ...own, origin: lodge.url })).status).toBe(200);
    expect((await browse("/v1/models", { ...own, origin: "https://evil.example" })).status).toBe(401);
    expect((await browse("/status", own)).status).toBe(401);
    // What a browser asks before it lets another site send the header: never allowed.
    const preflight = await browse("/v1/models", { origin: "https://evil.example" }, { method: "OPTIONS" });
    expect(preflight.headers.has("access-control-allow-origin")).toBe(false);
  });

  test.each([
    ["a made-up one", "lodge_session=9999999999999.AAAA"],
    ["one without a signature", "lodge_session=9999999999999"],
    ["the token itself", "lodge_session=TOKEN"],
    ["an empty one", "lodge_session="],
  ])("%s is refused", async (_, forged) => {
    const response = await browse("/api/server", { cookie: forged.replace("TOKEN", lodge.token) });
    expect(response.status).toBe(401);
  });

  test("with a later end than was signed is refused", async () => {
    const [, signature] = cookie.split(".");
    const response = await browse("/api/server", { cookie: `lodge_session=9999999999999.${signature}` });
    expect(response.status).toBe(401);
  });
});

test("the server describes itself", async () => {
  const info = serverInfo.parse(await (await browse("/api/server")).json());
  expect(info).toMatchObject({ demo: true, live: { queued: 0 } });
  expect(info.startedAt).toBeLessThanOrEqual(Date.now());
});

test("the overview tells of the CLI, of memory, of processes and of what is under way", async () => {
  const accepted = await lodge.post("/run", { prompt: "slow: 200", workspace: "", async: true });
  const { runId } = (await accepted.json()) as { runId: string };
  // Its first words: there is a process, and it is up.
  for await (const { data } of readFrames(await browse(`/api/jobs/${runId}/events`))) {
    if (data.includes('"text"')) break;
  }
  const now = overview.parse(await (await browse("/api/overview?since=0")).json());
  expect(now.claude).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), models: expect.any(Array) });
  expect(now.needsLogin).toBe(false);
  expect(now.live).toMatchObject({ limit: expect.any(Number), queued: 0 });
  expect(now.live.sessions).toBeGreaterThan(0);
  // What a process of the CLI holds, roughly, and not what the server does.
  if (process.platform === "linux") expect(now.live.memoryBytes!).toBeGreaterThan(50_000_000);
  expect(now.jobs).toMatchObject({ running: 1, queued: 0 });
  expect(now.jobs.active).toMatchObject([{ id: runId, kind: "run", state: "running", title: "slow: 200" }]);
  await browse(`/api/jobs/${runId}/cancel`, {}, { method: "POST" });
  const after = overview.parse(await (await browse("/api/overview?since=0")).json());
  expect(after.jobs.active).toEqual([]);
});

test("workspaces are listed, with what lives in them", async () => {
  const root = join(lodge.data, "workspaces");
  await mkdir(join(root, "alpha", ".git"), { recursive: true });
  await mkdir(join(root, "beta"));
  await mkdir(join(root, ".hidden"));
  await writeFile(join(root, "file"), "");
  await lodge.post(
    "/v1/chat/completions",
    { model: "haiku", messages: [{ role: "user", content: "hi" }] },
    { "x-claude-workspace": "/alpha" },
  );
  const { workspaces } = (await (await browse("/api/workspaces")).json()) as { workspaces: unknown[] };
  const listed = workspaces.map((workspace) => workspaceSummary.parse(workspace));
  expect(listed).toMatchObject([
    { name: "alpha", git: true, liveSessions: 1 },
    { name: "beta", git: false, liveSessions: 0 },
  ]);
});

describe("the events", () => {
  test("begin with a snapshot, go up by one, and show a session through its turn", async () => {
    await using watch = await watchSessions((signal) => browse("/api/events", {}, { signal }));
    expect(watch.events[0]?.type).toBe("snapshot");
    const reply = lodge.post("/v1/chat/completions", {
      model: "haiku",
      messages: [{ role: "user", content: "slow: 3" }],
    });
    const session = await watch.until(() => [...watch.sessions.values()].find(({ title }) => title === "slow: 3"));
    await (await reply).text();
    await watch.until(() => (watch.sessions.get(session.id)?.state.name === "ready" ? true : undefined));

    const sequence = watch.events.map((event) => event.sequence);
    expect(sequence).toEqual(sequence.map((_, i) => sequence[0]! + i));
    const states = watch.events.flatMap((event) =>
      event.type === "session" && event.session.id === session.id ? [event.session.state.name] : [],
    );
    expect(states.filter((state, i) => state !== states[i - 1])).toEqual(["busy", "ready"]);
    expect(watch.sessions.get(session.id)).toMatchObject({ turns: 1, lastWords: "word1 word2 word3", workspace: "" });

    const { sessions } = (await (await browse("/api/sessions")).json()) as { sessions: unknown[] };
    expect(sessions.map((each) => sessionSummary.parse(each))).toContainEqual(watch.sessions.get(session.id)!);
  });

  test("need the cookie or the token", async () => {
    const response = await fetch(`${lodge.url}/api/events`);
    expect(response.status).toBe(401);
    const foreign = await browse("/api/events", { origin: "https://evil.example" });
    expect(foreign.status).toBe(401);
  });
});

test("sessions outlive the server, without their processes", async () => {
  const before = (await (await lodge.fetch("/api/sessions")).json()) as { sessions: { id: string }[] };
  await lodge.restart();
  const after = (await (await lodge.fetch("/api/sessions")).json()) as typeof before;
  expect(after.sessions.map(({ id }) => id)).toEqual(before.sessions.map(({ id }) => id));
  for (const session of after.sessions) expect(session).toMatchObject({ state: { name: "hibernated" } });
  // The token was kept, so nobody has to log in again.
  expect((await browse("/api/server")).status).toBe(200);
});

describe("usage", () => {
  const report = async (query: Record<string, string>) => {
    const response = await browse(`/api/usage?${new URLSearchParams(query)}`);
    return { status: response.status, body: (await response.json()) as UsageReport & { detail: string } };
  };

  test("adds up to what the replies said", async () => {
    const from = String(Date.now());
    const sums = { input: 0, output: 0 };
    for (const model of ["haiku", "sonnet", "haiku"]) {
      const messages = [{ role: "user", content: `echo: for ${model}` }];
      const reply = await lodge.post("/v1/messages", { model, max_tokens: 100, messages });
      const { usage } = (await reply.json()) as { usage: { input_tokens: number; output_tokens: number } };
      sums.input += usage.input_tokens;
      sums.output += usage.output_tokens;
    }
    const { body } = await report({ from, to: String(Date.now() + 60_000), by: "model", bucket: "60000" });
    expect(() => usageReport.parse(body)).not.toThrow();
    expect(body.totals).toMatchObject({ turns: 3, inputTokens: sums.input, outputTokens: sums.output });
    expect(body.groups.reduce((all, group) => all + group.inputTokens, 0)).toBe(sums.input);
    expect(body.points.reduce((all, point) => all + point.outputTokens, 0)).toBe(sums.output);
    expect(body.groups).toHaveLength(2);
    expect(body.turnMs!.p50).toBeGreaterThan(0);
  });

  test.each([
    [{ from: "2", to: "1" }, "to"],
    [{ from: "0", to: "99999999999", bucket: "60000" }, "bucket"],
    [{ from: "now", to: "1" }, "from"],
    [{ from: "1", to: "2", by: "colour" }, "by"],
  ])("%j is refused by the name of its field", async (query, field) => {
    const { status, body } = await report(query);
    expect(status).toBe(422);
    expect(body.detail).toStartWith(`${field}:`);
  });
});

test("the audit has who made, renamed, set up, deleted and brought back what", async () => {
  const send = (method: string, path: string, body: unknown) =>
    lodge.fetch(path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  const ok = async (reply: Promise<Response>): Promise<Record<string, unknown>> => {
    const response = await reply;
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };
  await ok(send("POST", "/api/workspaces", { name: "audited" }));
  await ok(send("PUT", "/api/workspace-settings?workspace=audited", { hint: "Be brief." }));
  const body = { model: "haiku", messages: [{ role: "user", content: "echo: noted" }] };
  const turn = await lodge.post("/v1/chat/completions", body, { "x-claude-workspace": "audited" });
  await turn.text();
  const session = turn.headers.get("x-claude-session")!;
  await ok(send("PATCH", `/api/sessions/${session}`, { title: "Noted" }));
  const fork = (await ok(send("POST", `/api/sessions/${session}/fork`, {})))["session"] as { id: string };
  const { job } = (await ok(send("POST", "/api/jobs", { prompt: "stall", workspace: "audited" }))) as {
    job: { id: string };
  };
  await ok(send("DELETE", `/jobs/${job.id}`, {}));
  // What was cancelled takes a moment to go, and until then its workspace is in use.
  let renamed = await send("PATCH", "/api/workspaces/audited", { name: "renamed" });
  while (renamed.status === 409) renamed = await send("PATCH", "/api/workspaces/audited", { name: "renamed" });
  expect(renamed.status).toBe(200);
  const { id } = await ok(send("DELETE", "/api/workspaces/renamed", { confirm: "renamed" }));
  await ok(send("POST", "/api/workspace-restores", { id }));
  // What was refused was not done.
  expect((await send("DELETE", "/api/workspaces/renamed", { confirm: "other" })).status).toBe(400);

  const { entries } = (await ok(lodge.fetch("/api/audit"))) as { entries: Record<string, unknown>[] };
  const done = entries.map(({ who, action, detail, sessionId }) => [who, action, detail, sessionId]).toReversed();
  expect(done.slice(-8)).toEqual([
    ["server token", "workspace_made", "audited", null],
    ["server token", "workspace_changed", "audited", null],
    ["server token", "session_changed", "Noted", session],
    ["server token", "session_forked", fork.id, session],
    ["server token", "job_cancelled", job.id, null],
    ["server token", "workspace_renamed", "audited to renamed", null],
    ["server token", "workspace_deleted", "renamed", null],
    ["server token", "workspace_restored", "renamed", null],
  ]);
  for (const kind of ["workspaces", "jobs"]) {
    const found = (await ok(lodge.fetch(`/api/audit?kind=${kind}`))) as { entries: { action: string }[] };
    expect(new Set(found.entries.map(({ action }) => action.split("_")[0]))).toEqual(new Set([kind.slice(0, -1)]));
  }
});
