// The contract of `/run`, line by line, as a client of the earlier system sees it; the CLI is real, the model scripted.
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

const busyWorkspaces = async (): Promise<string[]> =>
  ((await (await lodge.fetch("/status")).json()) as { busy_workspaces: string[] }).busy_workspaces;

const free = (name: string) => eventually(`${name} is free`, async () => !(await busyWorkspaces()).includes(name));
const taken = (name: string) => eventually(`${name} is busy`, async () => (await busyWorkspaces()).includes(name));

describe.concurrent("POST /run", () => {
  test("prompt is required", async () => {
    for (const body of [{}, { prompt: "" }, { prompt: 7 }]) {
      const { status, body: reply } = await run(body);
      expect(status).toBe(400);
      expect(reply.detail).toStartWith("prompt");
    }
  });

  test("each key in snake_case or camelCase; null counts as absent", async () => {
    const name = await workspace();
    const both = [
      { prompt: "system", workspace: name, noContinue: true, systemPrompt: "Be Camel.", appendSystemPrompt: "Hump.", model: null },
      { prompt: "system", workspace: name, no_continue: true, system_prompt: "Be Camel.", append_system_prompt: "Hump.", resume: null },
    ]; // prettier-ignore
    for (const body of both) {
      const { status, body: reply } = await run(body);
      expect({ status, detail: reply.detail }).toEqual({ status: 200, detail: undefined as never });
      expect(reply.result).toContain("Be Camel.");
      expect(reply.result).toContain("Hump.");
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

  test("continues the workspace's latest conversation, and starts fresh when there is none", async () => {
    const name = await workspace();
    const first = await run({ prompt: "echo: a", workspace: name });
    const second = await run({ prompt: "turns", workspace: name });
    expect(second.body).toMatchObject({ result: "2", sessionId: first.body.sessionId });
  });

  test("noContinue starts fresh; resume names one; an unknown one is an error", async () => {
    const name = await workspace();
    const first = await run({ prompt: "echo: first", workspace: name });
    const fresh = await run({ prompt: "turns", workspace: name, noContinue: true });
    expect(fresh.body.result).toBe("1");
    expect(fresh.body.sessionId).not.toBe(first.body.sessionId);
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

  test("the system hint comes before the caller's own append", async () => {
    const { body } = await run({
      prompt: "system",
      workspace: await workspace(),
      appendSystemPrompt: "The caller's own.",
    });
    expect(body.result).toContain(`${hint}\n\nThe caller's own.`);
  });

  test("effort, and a word for it that is none", async () => {
    const name = await workspace();
    expect((await run({ prompt: "echo: e", workspace: name, effort: "xhigh" })).status).toBe(200);
    expect(await run({ prompt: "hi", workspace: name, effort: "enormous" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("effort") },
    });
  });

  test("model; one that is not offered is 400 with `supported`", async () => {
    const name = await workspace();
    expect((await run({ prompt: "echo: m", workspace: name, model: "openai/haiku" })).body.result).toBe("m");
    expect(await run({ prompt: "hi", workspace: name, model: "gpt-9" })).toMatchObject({
      status: 400,
      body: {
        detail: expect.stringContaining("gpt-9"),
        supported: expect.arrayContaining(["haiku", "sonnet", "opus"]),
      },
    });
  });

  test("a failure of the CLI keeps its status and its words", async () => {
    expect(await run({ prompt: "fail: 429", workspace: await workspace() })).toMatchObject({
      status: 429,
      body: { detail: expect.stringContaining("limit") },
    });
  });
});

describe.concurrent("one run at a time in one workspace", () => {
  test("a second gets 409 `workspace busy, retry later`, however it spells the workspace", async () => {
    const name = await workspace();
    await symlink(name, join(lodge.data, "workspaces", `${name}-link`));
    const first = run({ prompt: "slow: 20", workspace: name });
    await taken(name);
    for (const spelling of [name, `/${name}`, `${name}/`, `./${name}`, `${name}-link`]) {
      const { status, body } = await run({ prompt: "hi", workspace: spelling });
      expect({ status, body }).toEqual({ status: 409, body: { detail: "workspace busy, retry later" } as never });
    }
    expect((await first).status).toBe(200);
    expect((await run({ prompt: "echo: free", workspace: name })).body.result).toBe("free");
  });

  test("of many at the very same moment exactly one runs", async () => {
    const name = await workspace();
    const all = await Promise.all(Array.from({ length: 8 }, () => run({ prompt: "slow: 5", workspace: name })));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 409)).toHaveLength(7);
  });

  test("other workspaces are not held up", async () => {
    const [one, other] = [await workspace(), await workspace()];
    const first = run({ prompt: "slow: 20", workspace: one });
    await taken(one);
    expect((await run({ prompt: "echo: at once", workspace: other })).status).toBe(200);
    expect((await first).status).toBe(200);
  });

  test("the claim is released however the run ends", async () => {
    const name = await workspace();
    for (const prompt of ["fail: 400", "refuse"]) await run({ prompt, workspace: name });
    await run({ prompt: "hi", workspace: name, resume: "no-such-session" });
    expect(await busyWorkspaces()).not.toContain(name);
    expect((await run({ prompt: "echo: still free", workspace: name, noContinue: true })).status).toBe(200);
  });
});

describe.concurrent("the client goes away", () => {
  test("the run is ended and the workspace is free", async () => {
    const name = await workspace();
    const leaving = new AbortController();
    const gone = lodge.fetch("/run", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt: "slow: 2000", workspace: name }),
      signal: leaving.signal,
    });
    gone.catch(() => {});
    await taken(name);
    leaving.abort();
    await free(name);
    const { body } = await run({ prompt: "echo: mine now", workspace: name, noContinue: true });
    expect(body.result).toBe("mine now");
  });

  test("unless fireAndForget: then it goes on, and its result can be had", async () => {
    const name = await workspace();
    const leaving = new AbortController();
    const headers = { "content-type": "application/json", "idempotency-key": `left-${name}` };
    const body = { prompt: "slow: 15", workspace: name, fireAndForget: true };
    const gone = lodge.fetch("/run", { method: "POST", headers, body: JSON.stringify(body), signal: leaving.signal });
    gone.catch(() => {});
    await taken(name);
    leaving.abort();
    expect((await run({ prompt: "hi", workspace: name })).status).toBe(409);
    // The same request again is the same run, and waits for its end.
    const again = await run(body, { "idempotency-key": `left-${name}` });
    expect(again.status).toBe(200);
    expect(again.body.result.split(" ")).toHaveLength(15);
  });

  test("with curl, too", async () => {
    const name = await workspace();
    const curl = Bun.spawn(
      [
        "curl", "-sS", "-X", "POST", `${lodge.url}/run`, "-H", `authorization: Bearer ${lodge.token}`,
        "-H", "content-type: application/json", "-d", JSON.stringify({ prompt: "slow: 2000", workspace: name }),
      ],
      { stdout: "ignore", stderr: "ignore" },
    ); // prettier-ignore
    await taken(name);
    curl.kill();
    await free(name);
  });
});

describe.concurrent("the reply", () => {
  test("json: the CLI's result with camelCase keys at every depth, and data with its own keys", async () => {
    const { body } = await run({ prompt: "echo: hello", workspace: await workspace() });
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

  test("costs are of this run alone, warm or resumed", async () => {
    const name = await workspace();
    const costs: number[] = [];
    // Another effort needs another process, which resumes the transcript.
    for (const effort of ["low", "low", "high"]) {
      const { body } = await run({ prompt: "echo: a", workspace: name, effort });
      costs.push(body.totalCostUsd);
      const usages = Object.values(body.modelUsage);
      expect(usages.reduce((sum, { costUSD }) => sum + costUSD, 0)).toBeCloseTo(body.totalCostUsd, 8);
    }
    for (const cost of costs) expect(cost / costs[0]!).toBeLessThan(1.2);
  });

  test("json-verbose: the same fields, the turns in order, and the system", async () => {
    const name = await workspace();
    const prompt = 'tool: Bash {"command":"echo some_key"}';
    const { body } = await run({ prompt, workspace: name, outputFormat: "json-verbose" });
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
      cwd: name,
      tools: expect.arrayContaining(["Bash", "Read"]),
    });
  });

  test("json-verbose tells of thinking", async () => {
    const { body } = await run({ prompt: "think: hard", workspace: await workspace(), output_format: "json-verbose" });
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
    const { status, body } = await run({ prompt: "who?", workspace: await workspace(), jsonSchema });
    expect({ status, output: body.structuredOutput }).toEqual({
      status: 200,
      output: { first_name: expect.any(String), age_years: expect.any(Number) },
    });
  });

  test("jsonSchema: an answer that does not come in its shape is an honest error", async () => {
    const { status, body } = await run({ prompt: "echo: no", workspace: await workspace(), jsonSchema: schema });
    expect(status).toBe(502);
    expect(body.detail).toContain("schema");
  });

  test.each(["{", "[]", '"text"', '{"type":"nonsense"}', '{"$ref":"https://example.com/x.json"}'])(
    "jsonSchema %s is no schema: error 400",
    async (jsonSchema) => {
      const { status, body } = await run({ prompt: "hi", workspace: await workspace(), jsonSchema });
      expect(status).toBe(400);
      expect(body.detail).toStartWith("jsonSchema");
    },
  );
});

describe.concurrent("async", () => {
  const result = async (id: string) => answer(await lodge.fetch(`/run/result?runId=${id}`));
  const until = async (id: string, status: string) => {
    await eventually(`${id} is ${status}`, async () => (await result(id)).body.status === status, 20_000);
    return (await result(id)).body;
  };

  test("202 with the run's id; then running, then completed with the result", async () => {
    const name = await workspace();
    const { status, body } = await run({ prompt: "slow: 10", workspace: name, async: true });
    expect({ status, body }).toMatchObject({ status: 202, body: { workspace: name, status: "running" } });
    expect((await result(body.runId)).body).toMatchObject({ runId: body.runId, workspace: name, status: "running" });
    expect((await run({ prompt: "hi", workspace: name })).status).toBe(409);
    expect(await until(body.runId, "completed")).toMatchObject({
      runId: body.runId,
      workspace: name,
      result: expect.any(String),
      sessionId: expect.any(String),
      isError: false,
    });
  });

  test("failed has the reason; an unknown id is 404", async () => {
    const { body } = await run({ prompt: "fail: 400", workspace: await workspace(), async: true });
    expect((await until(body.runId, "failed")).error).toBeString();
    expect(await result(crypto.randomUUID())).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
  });

  test("POST /run/cancel by runId and by workspace; nothing running is 404", async () => {
    for (const by of ["runId", "workspace"] as const) {
      const name = await workspace();
      const { body } = await run({ prompt: "stall", workspace: name, async: true });
      const value = by === "runId" ? body.runId : `/${name}`;
      const cancelled = await answer(await lodge.post(`/run/cancel?${by}=${encodeURIComponent(value)}`, {}));
      expect(cancelled).toMatchObject({ status: 200, body: { status: "ok", workspace: name } });
      expect(await busyWorkspaces()).not.toContain(name);
      expect((await result(body.runId)).body.status).toBe("cancelled");
      const again = await answer(await lodge.post(`/run/cancel?${by}=${encodeURIComponent(value)}`, {}));
      expect(again).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
    }
    expect((await lodge.post("/run/cancel", {})).status).toBe(400);
  });

  test("a cancelled run tells the client that waits for it", async () => {
    const name = await workspace();
    const waiting = run({ prompt: "stall", workspace: name });
    await taken(name);
    expect((await lodge.fetch(`/run/cancel?workspace=${name}`, { method: "POST" })).status).toBe(200);
    expect(await waiting).toMatchObject({ status: 409, body: { detail: "it was cancelled" } });
  });

  test("an idempotency-key makes the same request the same run, and another one an error", async () => {
    const name = await workspace();
    const headers = { "idempotency-key": `async-${name}` };
    const first = await run({ prompt: "echo: once", workspace: name, async: true }, headers);
    const again = await run({ prompt: "echo: once", workspace: name, async: true }, headers);
    expect(again.body.runId).toBe(first.body.runId);
    const other = await run({ prompt: "echo: twice", workspace: name, async: true }, headers);
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringContaining("idempotency key") } });
  });
});

test("results are kept across a restart, and a run that was cut off by it is failed", async () => {
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
