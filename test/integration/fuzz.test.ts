/**
 * Requests made up from the API's description, and from that of MCP's tools, against a server of its own: none is a 500,
 * each refusal has its family's shape, nothing beside the root is read or touched, and at the end the server is as it was.
 *
 *     LODGE_FUZZ_SECONDS=600 bun test test/integration/fuzz.test.ts
 *
 * A failure prints its seed, and `LODGE_FUZZ_SEED` takes it.
 */
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { errorFamilyOf, requireError } from "../harness/error-bodies.ts";
import { mcpRequests, type Tool } from "../harness/fuzz/mcp.ts";
import { type Description, type Drawn, requests } from "../harness/fuzz/requests.ts";
import { type LodgeProcess, spawnLodge, temporaryFolder } from "../harness/process.ts";
import { eventually, treeOf } from "../harness/processes.ts";

const seconds = Number(process.env["LODGE_FUZZ_SECONDS"] ?? 12);
const seed = Number(process.env["LODGE_FUZZ_SEED"] ?? crypto.getRandomValues(new Int32Array(1))[0]);
setDefaultTimeout((seconds + 300) * 1000);

/**
 * Milliseconds after which an answer does not come any more. Turns of one session wait for each other, and each may take
 * its five seconds and those that a process needs to start on a busy machine.
 */
const unansweredMs = 150_000;
/** Milliseconds after which a turn may be waiting for a process that is kept for somebody. */
const lateMs = 10_000;
const secret = "what stands beside the root";

/** A folder with files beside the workspaces root, and links to it within. */
async function plant(base: string): Promise<string[]> {
  const root = join(base, "workspaces");
  const beside = [join(base, "workspaces-sibling"), join(base, "canary"), join(base, "canary/deep")];
  for (const folder of [...beside, join(root, "a"), join(root, "b")]) await mkdir(folder, { recursive: true });
  for (const folder of beside) await writeFile(join(folder, "secret"), secret);
  await symlink(join(base, "canary"), join(root, "link"));
  await symlink(join(base, "canary/secret"), join(root, "a/link"));
  return beside;
}

/** Every file beside the root with what is in it and when it was written. */
async function canaries(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (cwd) =>
      Promise.all(
        (await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd, dot: true }))).map(async (name) => {
          const path = join(cwd, name);
          return `${path} ${(await stat(path)).mtimeMs} ${await readFile(path, "utf8")}`;
        }),
      ),
    ),
  );
  return found.flat().toSorted();
}

interface Seen {
  count: number;
  statuses: Map<number, number>;
  known: string[];
}

/** Ids that replies tell of, so that what is behind one is reached. */
function remember(known: string[], body: string, session: string | null): void {
  if (session !== null && !known.includes(session)) known.push(session);
  for (const [, id] of body.matchAll(/"(?:job_id|runId|id|session_id|sessionId)":"([\w-]{8,80})"/g)) {
    if (!known.includes(id!)) known.push(id!);
  }
  // The latest are the likeliest to be under way.
  if (known.length > 50) known.splice(0, known.length - 50);
}

async function send(lodge: LodgeProcess, drawn: Drawn, { known }: Seen): Promise<{ response: Response; body: string }> {
  const fill = (text: string) =>
    text.replaceAll(/\{known:(\d+)\}/g, (_, n: string) => known[Number(n) % Math.max(known.length, 1)] ?? "none");
  const leaving = new AbortController();
  const unanswered = AbortSignal.timeout(unansweredMs);
  const late = setInterval(() => void endKept(lodge).catch(() => {}), lateMs);
  try {
    const response = await lodge.fetch(fill(drawn.target), {
      method: drawn.method,
      headers: Object.entries(drawn.headers).map(([name, value]): [string, string] => [name, fill(value)]),
      body: drawn.body,
      redirect: "manual",
      signal: AbortSignal.any([leaving.signal, unanswered]),
    });
    const endless = drawn.method === "GET" && response.headers.get("content-type")?.includes("event-stream");
    if (!endless) return { response, body: await response.text() };
    const first = await response.body?.getReader().read();
    leaving.abort();
    return { response, body: new TextDecoder().decode(first?.value) };
  } catch (cause) {
    if (!unanswered.aborted) throw cause;
    const status = JSON.stringify(await statusOf(lodge));
    throw new Error(`no answer to ${drawn.method} ${fill(drawn.target)}, with ${status}`, { cause });
  } finally {
    clearInterval(late);
  }
}

interface Status {
  live_sessions: { id: string; driver: string; state: string }[];
}
const statusOf = async (lodge: LodgeProcess) => (await (await lodge.fetch("/status")).json()) as Status;

/**
 * Ends what was opened for a person, and calls that a client may still answer: here nobody does. They stay until somebody
 * ends them, and a turn waits for as long as they have every process. Returns how many there were.
 */
async function endKept(lodge: LodgeProcess): Promise<number> {
  const { live_sessions: live } = await statusOf(lodge);
  const kept = live.filter(({ driver, state }) => driver === "terminal" || state === "waiting");
  await Promise.all(kept.map(({ id }) => lodge.fetch(`/api/sessions/${id}/end`, { method: "POST" })));
  return kept.length;
}

/** Failures of the server's own that the description tells of, for the operation that a request reached. */
function documented({ paths }: Description, method: string, pathname: string): string[] {
  const found = Object.entries(paths).find(
    ([path, item]) =>
      method.toLowerCase() in item && new RegExp(`^${path.replaceAll(/\{\w+\}/g, ".+")}$`).test(pathname),
  );
  const operation = found?.[1][method.toLowerCase()] as { responses?: object } | undefined;
  return Object.keys(operation?.responses ?? {}).filter((status) => status.startsWith("5"));
}

function judge(description: Description, drawn: Drawn, response: Response, body: string, secrets: string[]): void {
  const { status, headers, url } = response;
  const { pathname } = new URL(url);
  if (status >= 500 && !documented(description, drawn.method, pathname).includes(String(status))) {
    throw new Error(`${status}: ${body}`);
  }
  // The operator is told where the server's data is.
  const hidden = [secret, ...secrets].filter((word) => pathname !== "/api/settings" || !word.endsWith("/data"));
  for (const word of hidden) if (body.includes(word)) throw new Error(`it shows ${word}: ${body}`);
  if (pathname === "/mcp") return judgeMcp(drawn, response, body);
  const api = /^\/(v1|openai|run|files|jobs|execute|status|api)\b/.test(pathname);
  if (status < 400 || drawn.method === "HEAD" || !api) return;
  // Headers beyond what the HTTP server itself reads: it answers before anybody knows for which path.
  if (status === 431) return;
  if (headers.get("content-type")?.includes("html")) throw new Error(`a page: ${body}`);
  requireError(errorFamilyOf(pathname, new Headers(drawn.headers)), response, body, secrets);
}

/** Every answer but an empty one is JSON-RPC, by itself or as an event; no tool fails in a way that the server has no words for. */
function judgeMcp(drawn: Drawn, { status }: Response, body: string): void {
  if (body.includes("went wrong in the server")) throw new Error(`a tool failed: ${body}`);
  if (status < 400) return;
  const { jsonrpc, error } = JSON.parse(body) as { jsonrpc?: string; error?: { message?: unknown } };
  if (jsonrpc !== "2.0" || typeof error?.message !== "string")
    throw new Error(`${drawn.method} is no JSON-RPC: ${body}`);
}

async function toolsOf(lodge: LodgeProcess): Promise<Tool[]> {
  const headers = { accept: "application/json, text/event-stream" };
  const reply = await lodge.post("/mcp?stateless", { jsonrpc: "2.0", id: 1, method: "tools/list" }, headers);
  const data = (await reply.text()).split("\n").find((line) => line.startsWith("data: "))!;
  return (JSON.parse(data.slice(6)) as { result: { tools: Tool[] } }).result.tools;
}

test(`${seconds} s of requests made up from the API's description`, async () => {
  await using folder = await temporaryFolder();
  const beside = await plant(folder.path);
  const before = await canaries(beside);
  await using lodge = await spawnLodge({
    LODGE_DATA: join(folder.path, "data"),
    LODGE_WORKSPACES: join(folder.path, "workspaces"),
    LODGE_LOG_LEVEL: "error",
    LODGE_SPARES: "0",
    LODGE_MAX_LIVE: "4",
    LODGE_IDLE_SECONDS: "2",
    LODGE_WATCHDOG_SECONDS: "10",
  });
  const description = (await (await lodge.fetch("/swagger/json")).json()) as Description;
  if (seconds > 30) console.log(`seed ${seed}`);
  const made = requests(description, mcpRequests(await toolsOf(lodge)));
  const seen: Seen = { count: 0, statuses: new Map(), known: await something(lodge) };
  const secrets = [lodge.token, join(folder.path, "data"), join(folder.path, "canary")];

  await fc.assert(
    fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 8 }), async (batch) => {
      await Promise.all(
        batch.map(async (drawn) => {
          const { response, body } = await send(lodge, drawn, seen);
          seen.count++;
          seen.statuses.set(response.status, (seen.statuses.get(response.status) ?? 0) + 1);
          remember(seen.known, body, response.headers.get("mcp-session-id"));
          judge(description, drawn, response, body, secrets);
        }),
      );
    }),
    {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
      includeErrorInReport: true,
    },
  );

  if (seconds > 30) console.log(`${seen.count} requests`, Object.fromEntries(seen.statuses));
  // Both what is refused and what is done was reached.
  expect([200, 400, 404, 405].filter((status) => !seen.statuses.has(status))).toEqual([]);
  expect(await canaries(beside)).toEqual(before);
  await rest(lodge);
});

/** The ids of a job, a run and a response, so that what is behind one is reached from the first request on. */
async function something(lodge: LodgeProcess): Promise<string[]> {
  const known: string[] = [];
  const asked: [string, object][] = [
    ["/execute", { prompt: "echo: a job", workspace: "a" }],
    ["/run", { prompt: "echo: a run", workspace: "b", async: true }],
    ["/v1/responses", { model: "haiku:model", input: "echo: a response", background: true }],
  ];
  for (const [path, body] of asked) {
    const response = await lodge.post(path, body);
    expect(response.ok).toBe(true);
    remember(known, await response.text(), null);
  }
  expect(known.length).toBeGreaterThanOrEqual(asked.length);
  return known;
}

/** What was begun is ended, and nothing is left of it. */
async function rest(lodge: LodgeProcess): Promise<void> {
  const underWay = async () => {
    const { jobs } = (await (await lodge.fetch("/jobs?kind=all&limit=200&status=queued,running")).json()) as {
      jobs: { job_id: string }[];
    };
    return jobs;
  };
  await eventually(
    "nothing is under way",
    async () => {
      const left = await underWay();
      await Promise.all(left.map(({ job_id: id }) => lodge.fetch(`/jobs/${id}`, { method: "DELETE" })));
      return left.length === 0;
    },
    30_000,
  );
  await eventually("what is kept for somebody is ended", async () => (await endKept(lodge)) === 0, 30_000);
  await eventually("no process is left", () => treeOf(lodge.pid).length === 1, 30_000);
  // A process is gone a moment before its session is.
  await eventually("no session is left", async () => (await statusOf(lodge)).live_sessions.length === 0, 5000);
  expect(await statusOf(lodge)).toMatchObject({ busy_workspaces: [], live_sessions: [], queued: 0 });
  const reply = await lodge.post("/v1/messages", {
    model: "haiku:model",
    max_tokens: 10,
    messages: [{ role: "user", content: "echo: still here" }],
  });
  expect(await reply.text()).toContain("still here");
}
