// The contract of `/execute` and `/jobs`, line by line; the CLI is real, the model scripted, git and curl are the machine's.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobDetails } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually, processes } from "../harness/processes.ts";
import { type Frame, readFrames } from "../harness/sse.ts";
import { receiveWebhooks } from "../harness/webhooks.ts";

setDefaultTimeout(60_000);

interface Job {
  detail: string;
  job_id: string;
  status: string;
  workspace: string;
  output: string;
  exit_code: number | null;
  error?: string;
  started_at: string | null;
  finished_at: string | null;
  attempts: number;
  callback: { status: string; attempts: number; error?: string };
}

type Client = Pick<TestLodge, "fetch" | "post">;

const secret = "a-secret-for-the-tests";
const ended = new Set(["completed", "failed", "timeout", "cancelled", "error"]);

const submit = async (client: Client, body: object, headers: Record<string, string> = {}) => {
  const response = await client.post("/execute", body, headers);
  return { status: response.status, body: (await response.json()) as Job };
};
const job = async (client: Client, id: string): Promise<Job> =>
  (await (await client.fetch(`/jobs/${id}`)).json()) as Job;
const list = async (client: Client, query: string) =>
  (await (await client.fetch(`/jobs?${query}`)).json()) as { jobs: Job[]; next_cursor: string | null; detail: string };

async function over(client: Client, id: string): Promise<Job> {
  let latest: Job | undefined;
  await eventually(
    `${id} is over`,
    async () => {
      latest = await job(client, id);
      return ended.has(latest.status);
    },
    30_000,
  );
  return latest!;
}
const begun = (client: Client, id: string) =>
  eventually(`${id} runs`, async () => (await job(client, id)).status === "running", 20_000);

let lodge: TestLodge;
/** A workspace that is to be pulled, where git has nothing to pull: a job there is over without a process of the CLI. */
const unpullable = "unpullable";
let made = 0;

const setGit = (name: string, git: string | null) =>
  lodge.fetch(`/api/workspace-settings?workspace=${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ git }),
  });

async function workspace(): Promise<string> {
  const name = `j${made++}`;
  await mkdir(join(lodge.data, "workspaces", name), { recursive: true });
  return name;
}

beforeAll(async () => {
  lodge = await startTestLodge({
    LODGE_JOBS: "40",
    LODGE_MAX_LIVE: "16",
    LODGE_WEBHOOK_SECRET: secret,
    LODGE_PRIVATE_ADDRESSES: "yes",
  });
  await mkdir(join(lodge.data, "workspaces", unpullable), { recursive: true });
  await setGit(unpullable, "pull --rebase");
});
afterAll(() => lodge[Symbol.asyncDispose]());

describe("no token configured", () => {
  test.each(["nothing", "empty"])("(%s) means nothing is allowed, never everything", async (how) => {
    await using closed = await startTestLodge(how === "empty" ? { LODGE_TOKEN: "", API_BEARER_TOKEN: "" } : {});
    const body = JSON.stringify({ prompt: "echo: x" });
    const routes = [
      ["POST", "/execute"],
      ["GET", "/jobs"],
      ["DELETE", "/jobs/x"],
      ["POST", "/mcp?apiToken="],
    ] as const;
    const nobody: Record<string, string>[] = [
      {},
      { authorization: "Bearer " },
      { authorization: "Bearer" },
      { authorization: "Bearer undefined" },
      { authorization: "Bearer null" },
      { "x-api-key": "" },
    ];
    for (const headers of nobody) {
      for (const [method, path] of routes) {
        const response = await fetch(closed.url + path, { method, headers, body: method === "POST" ? body : null });
        expect([method, path, headers, response.status]).toEqual([method, path, headers, 401]);
      }
    }
    // One was made, and that one opens.
    expect(closed.token.length).toBeGreaterThanOrEqual(32);
    expect((await list(closed, "")).jobs).toEqual([]);
    expect(closed.requests).toEqual([]);
  });
});

describe.concurrent("a job", () => {
  test("POST /execute answers 202 at once; GET /jobs/{id} has all of it in the end; with curl, too", async () => {
    const name = await workspace();
    const metadata = { ticket_id: 7, nested: { someKey: [1, null] } };
    const asked = { prompt: "echo: done", workspace: name, agent: "Explore", metadata };
    const { status, body } = await submit(lodge, asked, { "idempotency-key": "with curl" });
    expect({ status, body }).toEqual({ status: 202, body: { job_id: expect.any(String), status: "running" } as never });
    expect(await over(lodge, body.job_id)).toMatchObject({
      job_id: body.job_id,
      status: "completed",
      prompt: "echo: done",
      agent: "Explore",
      workspace: name,
      max_budget_usd: 5,
      timeout_seconds: 2700,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      finished_at: expect.stringMatching(/Z$/),
      exit_code: 0,
      output: "done",
      stderr: "",
      metadata,
      cost_usd: expect.any(Number),
    });
    const curl = async (...args: string[]) => {
      const child = Bun.spawn(["curl", "-sS", "-H", `Authorization: Bearer ${lodge.token}`, ...args]);
      return JSON.parse(await new Response(child.stdout).text()) as Job;
    };
    // curl calls what it sends a form.
    const again = await curl("-H", "idempotency-key: with curl", "-d", JSON.stringify(asked), `${lodge.url}/execute`);
    expect(again).toMatchObject({ job_id: body.job_id, status: "completed" });
    expect(await curl(`${lodge.url}/jobs/${body.job_id}`)).toEqual(await job(lodge, body.job_id));
  });

  test("the budget is the CLI's own limit", async () => {
    const { body } = await submit(lodge, { prompt: "echo: x", workspace: await workspace(), max_budget_usd: 1e-6 });
    const failed = await over(lodge, body.job_id);
    expect(failed).toMatchObject({ status: "failed", exit_code: 1, error: expect.stringContaining("budget") });
    // It was spent all the same, as the dashboard says too.
    const shown = (await (await lodge.fetch(`/api/jobs/${body.job_id}`)).json()) as JobDetails;
    expect(shown.costUsd).toBeGreaterThan(1e-6);
  });

  test("agent is the CLI's own, of the workspace too; one that is not there fails the job and says which are", async () => {
    const name = await workspace();
    const agents = join(lodge.data, "workspaces", name, ".claude/agents");
    await mkdir(agents, { recursive: true });
    const helper = "---\nname: helper\ndescription: Helps.\n---\nYou are the helper of this house.\n";
    await writeFile(join(agents, "helper.md"), helper);
    const there = await submit(lodge, { prompt: "system", workspace: name, agent: "helper" });
    const elsewhere = await submit(lodge, { prompt: "system", workspace: await workspace(), agent: "helper" });
    expect((await over(lodge, there.body.job_id)).output).toContain("You are the helper of this house.");
    expect(await over(lodge, elsewhere.body.job_id)).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/^agent: there is no agent named helper here\. There are: .*Explore/),
      output: "",
    });
  });

  test("the time limit is for the work: waiting for a process does not count", async () => {
    await using single = await startTestLodge({ LODGE_MAX_LIVE: "1" });
    for (const name of ["a", "b"]) await mkdir(join(single.data, "workspaces", name));
    const limit = 7;
    const first = await submit(single, { prompt: "slow: 160", workspace: "a" });
    await begun(single, first.body.job_id);
    await eventually("it has the process", () => single.requests.length > 0, 20_000);
    const second = await submit(single, { prompt: "echo: x", workspace: "b", timeout_seconds: limit });
    const { started_at: began, finished_at: finished, ...rest } = await over(single, second.body.job_id);
    expect(rest).toMatchObject({ status: "completed", output: "x" });
    // The words of the first, 50 ms apart, took longer than the second is allowed.
    expect(Date.parse(finished!) - Date.parse(began!)).toBeGreaterThan(limit * 1000);
  });

  test("an unknown job is 404, and a wrong body 400 that names the field", async () => {
    expect((await lodge.fetch("/jobs/none")).status).toBe(404);
    expect((await lodge.fetch("/jobs/none", { method: "DELETE" })).status).toBe(404);
    expect((await lodge.fetch("/jobs/none/events")).status).toBe(404);
    const wrong: [string, object][] = [
      ["prompt", {}],
      ["maxBudgetUsd", { prompt: "x", maxBudgetUsd: -1 }],
      ["timeout_seconds", { prompt: "x", timeout_seconds: 0 }],
      ["agent", { prompt: "x", agent: "--mcp-config=x" }],
      ["metadata", { prompt: "x", metadata: { a: "x".repeat(20_000) } }],
      ["workspace", { prompt: "x", workspace: "no-such-place" }],
      ["callback", { prompt: "x", callback_url: "ftp://example.com" }],
    ];
    for (const [field, body] of wrong) {
      const { status, body: reply } = await submit(lodge, body);
      expect({ field, status }).toEqual({ field, status: 400 });
      expect(reply.detail.toLowerCase()).toContain(field.toLowerCase());
    }
  });

  test("one at a time in a workspace, the others wait as `queued`; a run gets 409 meanwhile", async () => {
    const name = await workspace();
    const jobs = [];
    for (const text of ["slow: 10", "echo: second", "echo: third"]) {
      jobs.push((await submit(lodge, { prompt: text, workspace: name })).body);
    }
    expect(jobs.map(({ status }) => status)).toEqual(["running", "queued", "queued"]);
    expect((await lodge.post("/run", { prompt: "hi", workspace: name })).status).toBe(409);
    const [first, second, third] = jobs.map(({ job_id: id }) => id);
    await lodge.fetch(`/jobs/${third}`, { method: "DELETE" });
    const all = await Promise.all([over(lodge, first!), over(lodge, second!)]);
    expect(all.map(({ status }) => status)).toEqual(["completed", "completed"]);
    expect(Date.parse(all[1].started_at!)).toBeGreaterThanOrEqual(Date.parse(all[0].finished_at!));
    expect(await job(lodge, third!)).toMatchObject({ status: "cancelled", started_at: null, output: "" });
  });
});

describe.concurrent("DELETE /jobs/{id}", () => {
  test("cancels one that runs and one that waits, and not one that is over", async () => {
    const name = await workspace();
    const first = await submit(lodge, { prompt: "stall", workspace: name });
    const second = await submit(lodge, { prompt: "echo: never", workspace: name });
    expect(second.body.status).toBe("queued");
    for (const { body } of [second, first]) {
      const response = await lodge.fetch(`/jobs/${body.job_id}`, { method: "DELETE" });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ job_id: body.job_id, status: "cancelled" });
    }
    const done = await submit(lodge, { prompt: "echo: done", workspace: unpullable });
    await over(lodge, done.body.job_id);
    expect((await lodge.fetch(`/jobs/${done.body.job_id}`, { method: "DELETE" })).status).toBe(409);
  });
});

describe.concurrent("idempotency-key", () => {
  test("same key and same body: same job; other body: 409", async () => {
    const name = await workspace();
    await setGit(name, "pull --rebase");
    const headers = { "idempotency-key": "k-1" };
    const body = { prompt: "echo: once", workspace: name };
    const all = await Promise.all(Array.from({ length: 5 }, () => submit(lodge, body, headers)));
    expect(new Set(all.map((each) => each.body.job_id)).size).toBe(1);
    expect(all.every(({ status }) => status === 202)).toBe(true);
    const other = await submit(lodge, { ...body, prompt: "echo: other" }, headers);
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringContaining("idempotency key") } });
    expect((await list(lodge, `workspace=${name}`)).jobs).toHaveLength(1);
    expect((await submit(lodge, body, { "idempotency-key": "k".repeat(300) })).status).toBe(400);
  });
});

describe.concurrent("GET /jobs", () => {
  test("the newest first, filtered, in pages", async () => {
    const name = await workspace();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await submit(lodge, { prompt: "stall", workspace: name })).body.job_id);
    const pages: string[][] = [];
    let cursor = "";
    do {
      const page = await list(lodge, `workspace=${name}&limit=2${cursor}`);
      pages.push(page.jobs.map((each) => each.job_id));
      cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect(pages).toEqual([[ids[4]!, ids[3]!], [ids[2]!, ids[1]!], [ids[0]!]]);
    expect((await list(lodge, `workspace=${name}&status=queued`)).jobs).toHaveLength(4);
    expect((await list(lodge, `workspace=${name}&status=queued,running`)).jobs).toHaveLength(5);
    expect((await list(lodge, `workspace=${name}&since=${Date.now() + 60_000}`)).jobs).toEqual([]);
    expect((await list(lodge, `workspace=${name}&since=2020-01-01T00:00:00Z`)).jobs).toHaveLength(5);
    for (const id of ids.toReversed()) await lodge.fetch(`/jobs/${id}`, { method: "DELETE" });
    for (const query of ["status=odd", "since=never", "cursor=x", "limit=0", "limit=1000"]) {
      expect((await lodge.fetch(`/jobs?${query}`)).status).toBe(400);
    }
  });
});

describe.concurrent("GET /jobs/{id}/events", () => {
  const follow = (id: string, headers: Record<string, string> = {}) => lodge.fetch(`/jobs/${id}/events`, { headers });
  const frames = async (response: Response): Promise<Frame[]> => {
    const all: Frame[] = [];
    for await (const frame of readFrames(response)) if (frame.comment === undefined) all.push(frame);
    return all;
  };
  const textOf = (all: Frame[]) =>
    all
      .flatMap(({ event, data }) => (event === "output" ? [(JSON.parse(data) as { text: string }).text] : []))
      .join("");

  test("tells of everything while it happens, and goes on behind Last-Event-ID", async () => {
    const { body } = await submit(lodge, { prompt: "slow: 30", workspace: await workspace() });
    const live: Frame[] = [];
    const response = await follow(body.job_id);
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    for await (const frame of readFrames(response)) {
      if (frame.comment !== undefined) continue;
      live.push(frame);
      // It is heard of before it is over.
      if (frame.event === "output" && live.filter(({ event }) => event === "output").length === 1) {
        expect((await job(lodge, body.job_id)).status).toBe("running");
      }
    }
    const { output } = await over(lodge, body.job_id);
    expect(textOf(live)).toBe(output);
    expect(live.filter(({ event }) => event === "output").length).toBeGreaterThan(3);
    expect(live[0]).toMatchObject({ event: "status" });
    expect(live.at(-1)).toMatchObject({ event: "status", data: JSON.stringify({ status: "completed" }) });

    const after = live.length - 3;
    expect(await frames(await follow(body.job_id, { "last-event-id": String(after) }))).toMatchObject(
      live.slice(-3).map(({ event, data }) => ({ event, data })),
    );
    expect((await follow(body.job_id, { "last-event-id": String(live.length) })).status).toBe(204);
    expect((await follow(body.job_id, { "last-event-id": "x" })).status).toBe(400);
  });

  test("tools and their results", async () => {
    const prompt = 'tool: Bash {"command":"echo seen"}';
    const { body } = await submit(lodge, { prompt, workspace: await workspace() });
    const all = await frames(await follow(body.job_id));
    expect(all.map(({ event }) => event)).toEqual([
      "status", "status", "started", "tool_use", "tool_result", "output", "status",
    ]); // prettier-ignore
    expect(JSON.parse(all[4]!.data)).toMatchObject({ is_error: false, text: "seen" });
  });
});

describe.concurrent("callback_url", () => {
  test("a signed webhook on completion, of a job and of an async run, of success and of failure", async () => {
    await using receiver = receiveWebhooks(secret);
    const send = (where: string) =>
      submit(lodge, { prompt: "echo: told", workspace: where, callback_url: receiver.url, metadata: { for: "me" } });
    const good = await send(await workspace());
    await receiver.until(1, 20_000);
    const bad = await send(unpullable);
    await receiver.until(2, 20_000);
    const asked = { prompt: "echo: ran", workspace: unpullable, async: true, callbackUrl: receiver.url };
    const { runId } = (await (await lodge.post("/run", asked)).json()) as { runId: string };
    await receiver.until(3, 20_000);
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
    expect(receiver.received.map(({ body }) => body)).toMatchObject([
      {
        type: "job.completed",
        data: { job_id: good.body.job_id, status: "completed", output: "told", metadata: { for: "me" } },
      },
      { type: "job.failed", data: { job_id: bad.body.job_id, status: "failed", error: expect.any(String) } },
      { type: "run.failed", data: { run_id: runId, error: expect.any(String) } },
    ]);
    await eventually("it is known to be delivered", async () => {
      const { callback } = await job(lodge, good.body.job_id);
      return callback.status === "delivered" && callback.attempts === 1;
    });
  });

  test("what was not taken is tried again, under the same id", async () => {
    await using receiver = receiveWebhooks(secret, [500]);
    const { body } = await submit(lodge, { prompt: "x", workspace: unpullable, callback_url: receiver.url });
    await receiver.until(1, 20_000);
    await eventually("it waits for the next attempt", async () => {
      const { callback } = await job(lodge, body.job_id);
      return callback.status === "pending" && callback.attempts === 1 && callback.error?.includes("500") === true;
    });
  });
});

describe.concurrent("settings", () => {
  test("private addresses are refused unless a setting allows them", async () => {
    await using strict = await startTestLodge();
    for (const url of [
      "http://127.0.0.1:1/",
      "http://localhost/",
      "http://169.254.169.254/latest",
      "http://[::1]/",
      "http://0x7f.1/",
    ]) {
      const { status, body } = await submit(strict, { prompt: "x", callback_url: url });
      expect({ url, status, detail: body.detail }).toEqual({
        url,
        status: 400,
        detail: expect.stringContaining("not public") as never,
      });
    }
    // What gets past that is looked up when it is sent, and refused then.
    expect((await list(strict, "")).jobs).toEqual([]);
  });

  test("queueing off: 409 `Agent is busy`", async () => {
    await using off = await startTestLodge({ LODGE_JOB_QUEUE: "0" });
    const first = await submit(off, { prompt: "stall" });
    expect(first.status).toBe(202);
    expect(await submit(off, { prompt: "echo: x" })).toEqual({
      status: 409,
      body: { detail: "Agent is busy" } as never,
    });
    await off.fetch(`/jobs/${first.body.job_id}`, { method: "DELETE" });
    expect((await submit(off, { prompt: "echo: x" })).status).toBe(202);
  });

  test("a workspace set to `git pull --rebase` is pulled; a failed pull fails the run with git's own words", async () => {
    const name = await workspace();
    const [origin, clone] = [join(lodge.data, `${name}.git`), join(lodge.data, "workspaces", name)];
    const git = async (cwd: string, ...args: string[]) => {
      const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
      expect(await Bun.spawn(["git", ...identity, ...args], { cwd, stdout: "ignore", stderr: "ignore" }).exited).toBe(
        0,
      );
    };
    await git(lodge.data, "init", origin);
    await git(origin, "commit", "--allow-empty", "-m", "first");
    await git(lodge.data, "clone", origin, clone);
    await writeFile(join(origin, "news.txt"), "pulled");
    await git(origin, "add", ".");
    await git(origin, "commit", "-m", "second");
    expect(await (await setGit(name, "pull --rebase")).json()).toMatchObject({ workspace: name, git: "pull --rebase" });
    const run = async () => {
      const response = await lodge.post("/run", { prompt: 'tool: Bash {"command":"cat news.txt"}', workspace: name });
      return { status: response.status, body: (await response.json()) as { result: string; detail: string } };
    };
    expect((await run()).body.result).toContain("pulled");
    await git(clone, "remote", "set-url", "origin", "http://someone:hunter2@127.0.0.1:1/repo.git");
    const failed = await run();
    expect(failed.status).toBe(502);
    expect(failed.body.detail).toStartWith("git pull --rebase failed: fatal: unable to access");
    expect(failed.body.detail).not.toContain("hunter2");
    const { body } = await submit(lodge, { prompt: "echo: x", workspace: name });
    const record = await over(lodge, body.job_id);
    expect(record).toMatchObject({ status: "failed", error: failed.body.detail });
    expect((await setGit(name, "push")).status).toBe(422);
    await setGit(name, null);
    expect((await run()).status).toBe(200);
  });
});

// By itself, since the time counts from the process's start.
test("the time limit ends the process and all its children", async () => {
  const name = await workspace();
  // No other test's.
  const file = `endless-${crypto.randomUUID()}`;
  await writeFile(join(lodge.data, "workspaces", name, file), "");
  const prompt = `tool: Bash {"command":"tail -f ${file} & tail -f ${file}"}`;
  const { body } = await submit(lodge, { prompt, workspace: name, timeout_seconds: 4 });
  const tails = () => processes().filter(({ command }) => command === `tail -f ${file}`).length;
  await eventually("the tool runs", () => tails() === 2, 20_000);
  expect(await over(lodge, body.job_id)).toMatchObject({
    status: "timeout",
    exit_code: null,
    error: expect.any(String),
  });
  await eventually("nothing is left", () => tails() === 0);
});
