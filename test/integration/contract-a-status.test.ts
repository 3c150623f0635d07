// The contract of `/health` and `/status`.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually } from "../harness/processes.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
  await mkdir(join(lodge.data, "workspaces/site"), { recursive: true });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const health = async () => (await (await fetch(`${lodge.url}/health`)).json()) as unknown;
const status = async () => (await (await lodge.fetch("/status")).json()) as Record<string, unknown>;

test("GET /health needs no token; GET /status does", async () => {
  expect(await health()).toEqual({ status: "ok", busy: false });
  expect((await fetch(`${lodge.url}/status`)).status).toBe(401);
});

test("GET /status of a server at rest", async () => {
  expect(await status()).toEqual({
    busy_workspaces: [],
    live_sessions: [],
    live_limit: expect.any(Number),
    needs_login: false,
    queued: 0,
    versions: { lodge: expect.any(String), claude: null, bun: Bun.version },
  });
});

test.each([
  ["a run", "/run", { prompt: "stall", workspace: "site" }],
  ["a job", "/execute", { prompt: "stall", workspace: "site" }],
  ["a chat", "/v1/chat/completions", { model: "haiku", messages: [{ role: "user", content: "stall" }] }],
])("while %s is under way, its workspace is busy, and nothing is afterwards", async (_, path, body) => {
  const leaving = new AbortController();
  const asked = lodge.requests.length;
  const reply = lodge
    .fetch(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "x-claude-workspace": "site" },
      signal: leaving.signal,
    })
    .then((response) => response.json() as Promise<{ job_id?: string }>)
    .catch(() => ({ job_id: undefined }));
  await eventually("the model was asked", () => lodge.requests.length > asked, 20_000);
  expect(await health()).toEqual({ status: "ok", busy: true });
  const { busy_workspaces: busy, live_sessions: live, versions } = await status();
  expect(busy).toEqual(["site"]);
  expect(live).toContainEqual(
    expect.objectContaining({ workspace: "site", driver: "stream", mode: "agent", state: "busy" }),
  );
  expect(versions).toMatchObject({ claude: expect.stringMatching(/^\d+\.\d+/) });
  leaving.abort();
  const { job_id: job } = await reply;
  if (job !== undefined) await lodge.fetch(`/jobs/${job}`, { method: "DELETE" });
  await eventually("all is quiet", async () => (await status())["busy_workspaces"]?.toString() === "", 20_000);
  expect(await health()).toEqual({ status: "ok", busy: false });
});
