// The contract of `/run`, line by line, as a client of the earlier system sees it; the CLI is real, the model scripted.
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually } from "../harness/processes.ts";

setDefaultTimeout(60_000);

const template = "# House rules\nBe brief.\n";
const hint = "A hint from the operator.";

let lodge: TestLodge;

beforeAll(async () => {
  const folder = join(import.meta.dir, "../../node_modules/.cache");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `claude-md-${process.pid}.md`);
  await writeFile(path, template);
  lodge = await startTestLodge({ LODGE_CLAUDE_MD: path, LODGE_SYSTEM_HINT: hint, LODGE_MAX_LIVE: "16" });
  await mkdir(join(lodge.data, "workspaces", used), { recursive: true });
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Reply {
  detail: string;
  runId: string;
  workspace: string;
  status: string;
  error: string;
  result: string;
  sessionId: string;
  isError: boolean;
  totalCostUsd: number;
  numTurns: number;
  durationMs: number;
  usage: Record<string, unknown>;
  modelUsage: Record<string, { costUSD: number; inputTokens: number }>;
  structuredOutput: unknown;
  turns: { role: string; content: Record<string, unknown>[] }[];
  system: Record<string, unknown>;
}

/** A workspace whose process is there already, for all that needs none of its own. One test at a time works there. */
const used = "used";
let made = 0;
/** A workspace of its own. */
async function workspace(): Promise<string> {
  const name = `w${made++}`;
  await mkdir(join(lodge.data, "workspaces", name), { recursive: true });
  return name;
}

async function answer(response: Response): Promise<{ status: number; body: Reply }> {
  return { status: response.status, body: (await response.json()) as Reply };
}

const run = async (body: object, headers: Record<string, string> = {}) =>
  answer(await lodge.post("/run", body, headers));

/** A run whose client can go away. */
function leavable(body: object, headers: Record<string, string> = {}): { leave: () => void } {
  const leaving = new AbortController();
  const gone = lodge.fetch("/run", { method: "POST", headers, body: JSON.stringify(body), signal: leaving.signal });
  gone.catch(() => {});
  return { leave: () => leaving.abort() };
}

interface Status {
  busy_workspaces: string[];
  live_sessions: { workspace: string; state: string }[];
}
const statusOf = async () => (await (await lodge.fetch("/status")).json()) as Status;
/** The states of the processes in a workspace. */
const liveIn = async (name: string) =>
  (await statusOf()).live_sessions.filter(({ workspace: at }) => at === name).map(({ state }) => state);

const busyWorkspaces = async (): Promise<string[]> => (await statusOf()).busy_workspaces;

const free = (name: string) => eventually(`${name} is free`, async () => !(await busyWorkspaces()).includes(name));
const taken = (name: string) => eventually(`${name} is busy`, async () => (await busyWorkspaces()).includes(name));

describe.concurrent("POST /run", () => {
  test("prompt is required", async () => {
    for (const body of [{}, { prompt: "" }, { prompt: 7 }]) {
      const { status, body: reply } = await run(body);
      expect(status).toBe(400);
      expect(reply.detail).toStartWith("prompt");
    }
    expect((await run({ promt: "hi" })).body.detail).toBe("prompt: it is missing; its type is string.");
  });

  // Every key: server/src/modules/runs/model.test.ts.
  test("each key in snake_case or camelCase; null counts as absent; the system hint comes before the caller's append", async () => {
    const name = await workspace();
    const both = [
      { prompt: "system", workspace: name, noContinue: true, systemPrompt: "Be Camel.", appendSystemPrompt: "Hump.", model: null },
      { prompt: "system", workspace: name, no_continue: false, system_prompt: "Be Camel.", append_system_prompt: "Hump.", resume: null },
    ]; // prettier-ignore
    for (const body of both) {
      const { status, body: reply } = await run(body);
      expect({ status, detail: reply.detail }).toEqual({ status: 200, detail: undefined as never });
      expect(reply.result).toContain("Be Camel.");
      expect(reply.result).toContain(`${hint}\n\nHump.`);
    }
  });

  test("workspace is a subpath of the root; a leading slash is dropped; absent is the root itself", async () => {
    const name = await workspace();
    const pwd = 'tool: Bash {"command":"pwd"}';
    const root = join(lodge.data, "workspaces");
    expect((await run({ prompt: pwd, workspace: `/${name}`, noContinue: true })).body).toMatchObject({
      workspace: name,
      result: expect.stringContaining(join(root, name)),
    });
    expect((await run({ prompt: pwd, noContinue: true })).body).toMatchObject({
      workspace: "",
      result: expect.stringMatching(/workspaces$/),
    });
  });

  test("a workspace outside the root: error 400; missing: error 400", async () => {
    await symlink("/", join(lodge.data, "workspaces", "out")).catch(() => {});
    for (const name of ["../..", "a/../..", "//etc", "out", "out/etc", "%2e%2e/\0", "nowhere"]) {
      const { status, body } = await run({ prompt: "hi", workspace: name });
      expect({ name, status }).toEqual({ name, status: 400 });
      expect(body.detail).toBeString();
    }
  });

  test("continues the workspace's latest conversation, and starts fresh when there is none; noContinue does so always; resume names one", async () => {
    const name = await workspace();
    const first = await run({ prompt: "echo: first", workspace: name });
    expect(first.body).toMatchObject({ result: "first", numTurns: 1 });
    const second = await run({ prompt: "turns", workspace: name });
    expect(second.body).toMatchObject({ result: "2", sessionId: first.body.sessionId });
    const fresh = await run({ prompt: "turns", workspace: name, noContinue: true });
    expect(fresh.body.result).toBe("1");
    expect(fresh.body.sessionId).not.toBe(first.body.sessionId);
    const latest = await run({ prompt: "turns", workspace: name });
    expect(latest.body).toMatchObject({ result: "2", sessionId: fresh.body.sessionId });
    const resumed = await run({ prompt: "recall", workspace: name, resume: first.body.sessionId });
    expect(resumed.body).toMatchObject({ result: "echo: first", sessionId: first.body.sessionId });
    const { status, body } = await run({ prompt: "hi", workspace: name, resume: crypto.randomUUID() });
    expect(status).toBe(404);
    expect(body.detail).toContain("no session");
  });

  test("a workspace without CLAUDE.md gets a copy of the template; one that has its own keeps it", async () => {
    const [bare, own] = [await workspace(), await workspace()];
    const path = (name: string) => join(lodge.data, "workspaces", name, "CLAUDE.md");
    await writeFile(path(own), "mine");
    for (const name of [bare, own]) await run({ prompt: "echo: hi", workspace: name });
    expect(await readFile(path(bare), "utf8")).toBe(template);
    expect(await readFile(path(own), "utf8")).toBe("mine");
  });
});

describe("POST /run where it was run before", () => {
  test("effort is one of the CLI's words", async () => {
    expect(await run({ prompt: "hi", workspace: used, effort: "enormous" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("effort") },
    });
  });

  test("model; one that is not offered is 400 with `supported`", async () => {
    const from = lodge.requests.length;
    expect((await run({ prompt: "echo: m", workspace: used, model: "openai/haiku" })).body.result).toBe("m");
    expect(lodge.requests.slice(from).at(-1)).toMatchObject({ model: expect.stringContaining("haiku") });
    expect(await run({ prompt: "hi", workspace: used, model: "gpt-9" })).toMatchObject({
      status: 400,
      body: {
        detail: expect.stringContaining("gpt-9"),
        supported: expect.arrayContaining(["haiku", "sonnet", "opus"]),
      },
    });
  });

  test("a failure of the CLI keeps its status and its words", async () => {
    expect(await run({ prompt: "fail: 429", workspace: used })).toMatchObject({
      status: 429,
      body: { detail: expect.stringContaining("limit") },
    });
  });
});

describe("one run at a time in one workspace", () => {
  test("a second gets 409 `workspace busy, retry later`, however it spells the workspace; other workspaces are not held up", async () => {
    await symlink(used, join(lodge.data, "workspaces", `${used}-link`));
    const first = leavable({ prompt: "slow: 2000", workspace: used });
    await taken(used);
    for (const spelling of [used, `/${used}`, `${used}/`, `./${used}`, `${used}-link`]) {
      const { status, body } = await run({ prompt: "hi", workspace: spelling });
      expect({ status, body }).toEqual({ status: 409, body: { detail: "workspace busy, retry later" } as never });
    }
    expect((await run({ prompt: "echo: at once", workspace: await workspace() })).body.result).toBe("at once");
    expect(await busyWorkspaces()).toContain(used);
    first.leave();
    await free(used);
    expect((await run({ prompt: "echo: free", workspace: used })).body.result).toBe("free");
  });

  test("of many at the very same moment exactly one runs", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => run({ prompt: "slow: 5", workspace: used })));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 409)).toHaveLength(7);
  });

  test("the claim is released however the run ends", async () => {
    for (const prompt of ["fail: 400", "refuse"]) await run({ prompt, workspace: used });
    await run({ prompt: "hi", workspace: used, resume: "no-such-session" });
    expect(await busyWorkspaces()).not.toContain(used);
    expect((await run({ prompt: "echo: still free", workspace: used, noContinue: true })).status).toBe(200);
  });
});

describe("the client goes away", () => {
  test("the run is ended and the workspace is free, within a second", async () => {
    const first = leavable({ prompt: "slow: 2000", workspace: used });
    await taken(used);
    await eventually("it is at work", async () => (await liveIn(used)).includes("busy"), 20_000);
    first.leave();
    await eventually("it is free", async () => !(await busyWorkspaces()).includes(used), 1000);
    expect(await liveIn(used)).not.toContain("busy");
    expect((await run({ prompt: "echo: mine now", workspace: used })).body.result).toBe("mine now");
  });

  test("unless fireAndForget: then it goes on, and its result can be had", async () => {
    const headers = { "idempotency-key": "left" };
    const body = { prompt: "slow: 15", workspace: used, fireAndForget: true };
    const first = leavable(body, headers);
    await taken(used);
    first.leave();
    expect((await run({ prompt: "hi", workspace: used })).status).toBe(409);
    // The same request again is the same run, and waits for its end.
    const again = await run(body, headers);
    expect(again.status).toBe(200);
    expect(again.body.result.split(" ")).toHaveLength(15);
  });

  test("with curl, too", async () => {
    const curl = Bun.spawn(
      [
        "curl", "-sS", "-X", "POST", `${lodge.url}/run`, "-H", `authorization: Bearer ${lodge.token}`,
        "-H", "content-type: application/json", "-d", JSON.stringify({ prompt: "slow: 2000", workspace: used }),
      ],
      { stdout: "ignore", stderr: "ignore" },
    ); // prettier-ignore
    await taken(used);
    curl.kill();
    await free(used);
  });
});

describe("the reply", () => {
  test("json: the CLI's result with camelCase keys at every depth, and data with its own keys", async () => {
    const { body } = await run({ prompt: "echo: hello", workspace: used });
    expect(body).toMatchObject({
      type: "result",
      subtype: "success",
      isError: false,
      result: "hello",
      numTurns: 1,
      sessionId: expect.any(String),
      durationMs: expect.any(Number),
      totalCostUsd: expect.any(Number),
      usage: { inputTokens: expect.any(Number), cacheCreation: { ephemeral1hInputTokens: 0 } },
    });
    const { modelUsage, ...rest } = body;
    expect(Object.keys(modelUsage)[0]).toMatch(/^claude-/);
    expect(snakeKeys(rest)).toEqual([]);
    expect(body).not.toHaveProperty("turns");
  });

  test("costs are of this run alone, warm or resumed; the effort is the model's", async () => {
    const costs: number[] = [];
    const from = lodge.requests.length;
    // Another effort needs another process, which resumes the transcript.
    for (const effort of ["low", "low", "high"]) {
      const { body } = await run({ prompt: "echo: a", workspace: used, effort, noContinue: costs.length === 0 });
      costs.push(body.totalCostUsd);
      const usages = Object.values(body.modelUsage);
      expect(usages.reduce((sum, { costUSD }) => sum + costUSD, 0)).toBeCloseTo(body.totalCostUsd, 8);
    }
    for (const cost of costs) expect(cost / costs[0]!).toBeLessThan(1.2);
    const efforts = lodge.requests.slice(from).flatMap((request) => {
      // Where it stands depends on the model: in the request, or in a message of the system's.
      const told = [...JSON.stringify(request).matchAll(/"output_config":\{"effort":"(\w+)"/g)];
      return told.at(-1)?.[1] ?? [];
    });
    expect(efforts).toEqual(["low", "low", "high"]);
  });

  test("json-verbose: the same fields, the turns in order, and the system", async () => {
    const prompt = 'tool: Bash {"command":"echo some_key"}';
    const { body } = await run({ prompt, workspace: used, outputFormat: "json-verbose" });
    expect(body.result).toContain("some_key");
    expect(body.turns).toEqual([
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: expect.stringMatching(/^toolu_/), name: "Bash", input: { command: "echo some_key" } },
        ],
      },
      {
        role: "tool_result",
        content: [{ type: "toolResult", toolUseId: expect.any(String), isError: false, content: "some_key" }],
      },
      { role: "assistant", content: [{ type: "text", text: expect.stringContaining("Bash -> some_key") }] },
    ]);
    expect(body.turns[1]?.content[0]?.["toolUseId"]).toBe(body.turns[0]?.content[0]?.["id"]);
    expect(body.system).toEqual({
      sessionId: body.sessionId,
      model: expect.stringMatching(/^claude-/),
      cwd: used,
      tools: expect.arrayContaining(["Bash", "Read"]),
    });
  });

  test("json-verbose tells of thinking", async () => {
    const { body } = await run({ prompt: "think: hard", workspace: used, output_format: "json-verbose" });
    expect(body.turns).toEqual([
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hard" },
          { type: "text", text: "I thought about: hard" },
        ],
      },
    ]);
  });

  const schema = {
    type: "object",
    properties: { first_name: { type: "string" }, age_years: { type: "integer", minimum: 0 } },
    required: ["first_name", "age_years"],
    additionalProperties: false,
  };

  test.each([
    ["a string", JSON.stringify(schema)],
    ["an object", schema],
  ])("jsonSchema as %s: the structured output keeps its keys", async (_, jsonSchema) => {
    const { status, body } = await run({ prompt: "who?", workspace: used, jsonSchema });
    expect({ status, output: body.structuredOutput }).toEqual({
      status: 200,
      output: { first_name: expect.any(String), age_years: expect.any(Number) },
    });
  });

  test("jsonSchema: an answer that does not come in its shape is an honest error", async () => {
    const { status, body } = await run({ prompt: "echo: no", workspace: used, jsonSchema: schema });
    expect(status).toBe(502);
    expect(body.detail).toContain("schema");
  });

  test.each(["{", "[]", '"text"', '{"type":"nonsense"}', '{"$ref":"https://example.com/x.json"}'])(
    "jsonSchema %s is no schema: error 400",
    async (jsonSchema) => {
      const { status, body } = await run({ prompt: "hi", workspace: used, jsonSchema });
      expect(status).toBe(400);
      expect(body.detail).toStartWith("jsonSchema");
    },
  );
});

describe("async", () => {
  const result = async (id: string) => answer(await lodge.fetch(`/run/result?runId=${id}`));
  const until = async (id: string, status: string) => {
    await eventually(`${id} is ${status}`, async () => (await result(id)).body.status === status, 20_000);
    return (await result(id)).body;
  };

  test("202 with the run's id; then running, then completed with the result", async () => {
    const { status, body } = await run({ prompt: "slow: 10", workspace: used, async: true });
    expect({ status, body }).toMatchObject({ status: 202, body: { workspace: used, status: "running" } });
    expect((await result(body.runId)).body).toMatchObject({ runId: body.runId, workspace: used, status: "running" });
    expect((await run({ prompt: "hi", workspace: used })).status).toBe(409);
    expect(await until(body.runId, "completed")).toMatchObject({
      runId: body.runId,
      workspace: used,
      result: expect.any(String),
      sessionId: expect.any(String),
      isError: false,
    });
  });

  test("failed has the reason; an unknown id is 404", async () => {
    const { body } = await run({ prompt: "fail: 400", workspace: used, async: true });
    expect((await until(body.runId, "failed")).error).toBeString();
    const unknown = { status: 404, body: { detail: expect.stringContaining("no run with the id") } };
    expect(await result(crypto.randomUUID())).toMatchObject(unknown);
  });

  test("POST /run/cancel by runId and by workspace; nothing running is 404", async () => {
    for (const by of ["runId", "workspace"] as const) {
      const { body } = await run({ prompt: "stall", workspace: used, async: true });
      // One in mid-turn, and one that has hardly begun.
      if (by === "runId") await eventually("it is at work", async () => (await liveIn(used)).includes("busy"), 20_000);
      const value = by === "runId" ? body.runId : `/${used}`;
      const cancelled = await answer(await lodge.post(`/run/cancel?${by}=${encodeURIComponent(value)}`, {}));
      expect(cancelled).toMatchObject({ status: 200, body: { status: "ok", workspace: used } });
      expect(await busyWorkspaces()).not.toContain(used);
      expect((await result(body.runId)).body.status).toBe("cancelled");
      const again = await answer(await lodge.post(`/run/cancel?${by}=${encodeURIComponent(value)}`, {}));
      expect(again).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
    }
    expect((await lodge.post("/run/cancel", {})).status).toBe(400);
  });

  test("a cancelled run tells the client that waits for it", async () => {
    const waiting = run({ prompt: "stall", workspace: used });
    await taken(used);
    expect((await lodge.fetch(`/run/cancel?workspace=${used}`, { method: "POST" })).status).toBe(200);
    expect(await waiting).toMatchObject({ status: 409, body: { detail: "it was cancelled" } });
  });

  test("an idempotency-key makes the same request the same run, and another one an error", async () => {
    const headers = { "idempotency-key": "async" };
    const first = await run({ prompt: "echo: once", workspace: used, async: true }, headers);
    const again = await run({ prompt: "echo: once", workspace: used, async: true }, headers);
    expect(again.body.runId).toBe(first.body.runId);
    const other = await run({ prompt: "echo: twice", workspace: used, async: true }, headers);
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringContaining("idempotency key") } });
  });
});

test("results are kept across a restart, for as long as is set; a run that was cut off by it is failed", async () => {
  await using other = await startTestLodge();
  const post = async (body: object) => (await (await other.post("/run", body)).json()) as Reply;
  const get = async (id: string) => (await (await other.fetch(`/run/result?runId=${id}`)).json()) as Reply;
  const done = await post({ prompt: "echo: kept" });
  await mkdir(join(other.data, "workspaces", "w"));
  const cut = await post({ prompt: "stall", workspace: "w", async: true });
  await other.restart();
  expect(await get(done.runId)).toMatchObject({ status: "completed", result: "kept" });
  expect(await get(cut.runId)).toMatchObject({ status: "failed", error: "the server was restarted" });
  expect((await post({ prompt: "turns" })).result).toBe("2");
  // An hour passes.
  using database = new Database(join(other.data, "lodge.sqlite"));
  database.run("UPDATE jobs SET finished_at = finished_at - 3600000");
  await other.restart({ LODGE_KEEP_SECONDS: "3700" });
  expect(await get(done.runId)).toMatchObject({ status: "completed", result: "kept" });
  await other.restart({ LODGE_KEEP_SECONDS: "3500" });
  expect((await other.fetch(`/run/result?runId=${done.runId}`)).status).toBe(404);
});

test("without a token nothing runs", async () => {
  const response = await fetch(`${lodge.url}/run`, { method: "POST", body: JSON.stringify({ prompt: "hi" }) });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({ detail: expect.any(String) });
});

test("an error names no path of the host", async () => {
  for (const name of ["nowhere", "../x", "out"]) {
    const { body } = await run({ prompt: "hi", workspace: name });
    expect(body.detail).not.toContain(lodge.data);
  }
});

/** Keys with an underscore, wherever they are. */
function snakeKeys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(snakeKeys);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [...(key.includes("_") ? [key] : []), ...snakeKeys(inner)]);
}
