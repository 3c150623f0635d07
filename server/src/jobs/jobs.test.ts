/** Runs and jobs over a runner that does as the test says: who begins when, how each ends, and what is left behind. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionError } from "../sessions/index.ts";
import { openDatabase } from "../store/database.ts";
import { DeliveryStore } from "../store/delivery-store.ts";
import { JobEventStore } from "../store/job-event-store.ts";
import { JobStore } from "../store/job-store.ts";
import { Workspaces } from "../workspaces/workspaces.ts";
import { JobError } from "./errors.ts";
import { type JobLimits, Jobs } from "./jobs.ts";
import type { Success } from "./outcome.ts";
import type { Runner, RunContext } from "./runner.ts";
import type { JobSpec, Submission } from "./spec.ts";
import { ManualClock, settled } from "./testing/manual-clock.ts";

const root = mkdtempSync(join(tmpdir(), "lodge-jobs-"));
for (const name of ["a", "b", "c"]) mkdirSync(join(root, name));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Work {
  spec: JobSpec;
  context: RunContext;
  end(): void;
  fail(error: unknown): void;
}

const success: Success = { sessionId: "s", source: "cold", result: { result: "ok" }, output: "ok", costUsd: 0.5 };

/** What is under way, by prompt; it ends when the test says so, or when it is aborted. */
function setUp(limits: Partial<JobLimits> = {}, database = openDatabase(":memory:")) {
  const under = new Map<string, Work>();
  const begun: string[] = [];
  const runner = {
    async run(spec: JobSpec, context: RunContext): Promise<Success> {
      const { promise, resolve, reject } = Promise.withResolvers<Success>();
      begun.push(spec.prompt);
      under.set(spec.prompt, { spec, context, end: () => resolve(success), fail: reject });
      const abort = () => reject(new SessionError("aborted", "The client went away."));
      if (context.signal.aborted) abort();
      context.signal.addEventListener("abort", abort);
      return promise.finally(() => under.delete(spec.prompt));
    },
  } as Pick<Runner, "run"> as Runner;
  const clock = new ManualClock();
  const store = new JobStore(database);
  const deliveries = new DeliveryStore(database);
  const failures: unknown[] = [];
  const jobs = new Jobs({
    store,
    deliveries,
    runner,
    clock,
    events: new JobEventStore(database),
    workspaces: new Workspaces(root),
    limits: { concurrency: 10, perWorkspace: 1, queue: 100, keepMs: 1000, ...limits },
    checkCallback: () => {},
    onDelivery: () => {},
    onFailure: (error) => failures.push(error),
  });
  jobs.begin();
  const end = async (prompt: string) => {
    under.get(prompt)!.end();
    await settled();
  };
  return { jobs, store, deliveries, clock, under, begun, end, failures, database };
}

const asked = (prompt: string, workspace = "a", more: Partial<Submission> = {}): Submission => ({
  spec: { prompt, workspace, conversation: { type: "new" }, verbose: false },
  ...more,
});
const kindOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "fine",
    (error: { kind?: string }) => error.kind ?? "thrown",
  );

describe("jobs", () => {
  test("of one workspace take their turn; of several they begin at once, up to the limit of all", async () => {
    const { jobs, begun, end } = setUp({ concurrency: 2 });
    for (const [prompt, workspace] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
      ["c1", "c"],
    ] as const)
      await jobs.submit(asked(prompt, workspace));
    expect(begun).toEqual(["a1", "b1"]);
    await end("a1");
    // Nobody of c has had a turn yet.
    expect(begun).toEqual(["a1", "b1", "c1"]);
    await end("b1");
    expect(begun).toEqual(["a1", "b1", "c1", "a2"]);
  });

  test("of a workspace with very many do not keep another from its turn", async () => {
    const { jobs, begun, end, clock } = setUp({ concurrency: 1 });
    for (let i = 0; i < 6; i++) await jobs.submit(asked(`a${i}`, "a"));
    for (let i = 0; i < 3; i++) await jobs.submit(asked(`b${i}`, "b"));
    for (let i = 0; i < 9; i++) {
      await clock.advance(1);
      await end(begun.at(-1)!);
    }
    expect(begun).toEqual(["a0", "b0", "a1", "b1", "a2", "b2", "a3", "a4", "a5"]);
  });

  test("share a workspace where they may, but never with a run", async () => {
    const { jobs, begun, end, under } = setUp({ perWorkspace: 2 });
    for (const prompt of ["1", "2", "3"]) await jobs.submit(asked(prompt));
    expect(begun).toEqual(["1", "2"]);
    expect(await kindOf(jobs.run(asked("run")))).toBe("workspace_busy");
    for (const prompt of ["1", "2", "3"]) await end(prompt);
    const running = await jobs.run(asked("run"));
    expect((await jobs.submit(asked("4"))).state).toBe("queued");
    expect(under.has("4")).toBe(false);
    await end("run");
    expect((await running.finished)?.type).toBe("completed");
    expect(under.has("4")).toBe(true);
  });

  test("are refused when they may not wait, or too many do", async () => {
    const off = setUp({ queue: 0 });
    await off.jobs.submit(asked("1"));
    expect(await kindOf(off.jobs.submit(asked("2")))).toBe("agent_busy");
    expect((await off.jobs.submit(asked("3", "b"))).state).toBe("running");
    const full = setUp({ queue: 1 });
    for (const prompt of ["1", "2"]) await full.jobs.submit(asked(prompt));
    expect(await kindOf(full.jobs.submit(asked("3")))).toBe("queue_full");
    expect((await full.jobs.submit(asked("4", "b"))).state).toBe("running");
  });
});

describe("an end", () => {
  const thrown: [unknown, string][] = [
    [new SessionError("turn_timeout", "late"), "timeout"],
    [new SessionError("budget_exceeded", "spent"), "failed"],
    [new SessionError("cli_not_found", "none"), "error"],
    [new JobError("git_failed", "fatal: no"), "failed"],
    [new TypeError("a bug"), "error"],
  ];
  test.each(thrown)("in failure %#", async (error, state) => {
    const { jobs, under, failures } = setUp();
    const { id } = await jobs.submit(asked("1"));
    under.get("1")!.fail(error);
    await settled();
    const record = jobs.get(id)!;
    const known = !(error instanceof TypeError);
    expect(record).toMatchObject({
      state,
      error: known ? (error as Error).message : "Something went wrong in the server.",
      exitCode: state === "timeout" ? null : 1,
    });
    expect(failures).toHaveLength(known ? 0 : 1);
    expect(jobs.busyWorkspaces).toEqual([]);
  });

  test("is announced in the database together with the webhook that tells of it", async () => {
    const { jobs, deliveries, end } = setUp();
    const { id, seq } = await jobs.submit(asked("1", "a", { callbackUrl: "https://example.com/" }));
    expect(deliveries.ofJob(seq)).toBeNull();
    await end("1");
    expect(jobs.get(id)).toMatchObject({ state: "completed", output: "ok", costUsd: 0.5, result: '{"result":"ok"}' });
    expect(deliveries.ofJob(seq)).toMatchObject({ state: "pending", url: "https://example.com/" });
  });

  test("that cannot be written down still frees the workspace", async () => {
    const { jobs, database, end, failures } = setUp();
    await jobs.run(asked("1"));
    database.run("DROP TABLE job_events");
    await end("1");
    expect(failures.length).toBeGreaterThan(0);
    expect(jobs.busyWorkspaces).toEqual([]);
  });
});

describe("a run", () => {
  test("has its workspace before anything is awaited, under every name of it", async () => {
    const { jobs, end } = setUp();
    const all = ["a", "/a", "a/", "./a"].map((name) => kindOf(jobs.run(asked("1", name))));
    expect(await Promise.all(all)).toEqual(["fine", "workspace_busy", "workspace_busy", "workspace_busy"]);
    await end("1");
    expect(await kindOf(jobs.run(asked("2", "a")))).toBe("fine");
  });

  test("that comes to nothing leaves nothing claimed", async () => {
    const { jobs } = setUp();
    for (const name of ["none", "../a", "x\0"]) expect(await kindOf(jobs.run(asked("1", name)))).not.toBe("fine");
    expect(jobs.busyWorkspaces).toEqual([]);
  });

  test("is ended by its workspace or its id, and has left it then", async () => {
    const { jobs } = setUp();
    const { record, finished } = await jobs.run(asked("1"));
    expect((await jobs.inWorkspace("/a")).map(({ id }) => id)).toEqual([record.id]);
    await jobs.cancel(record.id);
    expect(jobs.busyWorkspaces).toEqual([]);
    expect(await finished).toMatchObject({ type: "failed", state: "cancelled" });
    expect((await jobs.cancel(record.id)).state).toBe("cancelled");
    expect(await kindOf(jobs.cancel("none"))).toBe("unknown");
  });
});

describe("an idempotency key", () => {
  const key = { idempotencyKey: "k" };

  test("gives the same one for the same request; runs and jobs have keys of their own", async () => {
    const { jobs, end } = setUp();
    const first = await jobs.submit(asked("1", "a", key));
    expect((await jobs.submit(asked("1", "/a/", key))).id).toBe(first.id);
    expect(await kindOf(jobs.submit(asked("1", "b", key)))).toBe("key_reused");
    const run = await jobs.run(asked("run", "b", key));
    const again = await jobs.run(asked("run", "b", key));
    expect(again.record.id).toBe(run.record.id);
    await end("run");
    expect((await again.finished)?.type).toBe("completed");
    expect((await jobs.run(asked("run", "b", key))).finished).toBeNull();
  });

  test("is forgotten with what it stood for", async () => {
    const { jobs, end, clock } = setUp({ keepMs: 60_000 });
    const first = await jobs.submit(asked("1", "a", key));
    await end("1");
    await clock.advance(30 * 60_000);
    expect(jobs.get(first.id)).toBeNull();
    expect((await jobs.submit(asked("2", "a", key))).id).not.toBe(first.id);
  });
});

describe("the end of the server", () => {
  test("lets what is under way finish, and begins nothing more", async () => {
    const { jobs, clock, begun, end } = setUp();
    const { id } = await jobs.submit(asked("1"));
    await jobs.submit(asked("2"));
    const drained = jobs.drain(5000);
    await clock.advance(4000);
    await end("1");
    await drained;
    expect(jobs.get(id)?.state).toBe("completed");
    expect(begun).toEqual(["1"]);
    expect(await kindOf(jobs.submit(asked("3")))).toBe("draining");
    expect(clock.timers).toBe(0);
  });

  test("breaks off the rest: back to the queue when asked for, else failed", async () => {
    const { jobs, clock, store } = setUp();
    const again = await jobs.submit(asked("1", "a", { requeue: true }));
    const once = await jobs.submit(asked("2", "b"));
    const { record: run } = await jobs.run(asked("3", "c"));
    const drained = jobs.drain(5000);
    await clock.advance(5000);
    await drained;
    expect(store.get(again.id)).toMatchObject({ state: "queued", startedAt: null, attempts: 1 });
    for (const { id } of [once, run]) {
      expect(store.get(id)).toMatchObject({ state: "failed", error: "the server was restarted" });
    }
  });

  test("when it is killed, is made up for by the next one; nothing stays running for ever", async () => {
    const { jobs, database } = setUp();
    const again = await jobs.submit(asked("again", "a", { requeue: true }));
    const once = await jobs.submit(asked("once", "b", { callbackUrl: "https://example.com/" }));
    const waits = await jobs.submit(asked("waits", "b"));
    const { record: run } = await jobs.run(asked("run", "c"));
    // The same database under a new server, as after a kill.
    const next = setUp({}, database);
    await settled();
    expect(next.begun.toSorted()).toEqual(["again", "waits"]);
    expect(next.jobs.get(again.id)).toMatchObject({ state: "running", attempts: 2 });
    expect(next.jobs.get(waits.id)).toMatchObject({ state: "running", attempts: 1 });
    for (const id of [once.id, run.id]) {
      expect(next.jobs.get(id)).toMatchObject({ state: "failed", error: "the server was restarted" });
    }
    expect(next.deliveries.ofJob(once.seq)).toMatchObject({ state: "pending" });
  });

  test("again and again under the same job is not tried for ever", async () => {
    let { jobs, database } = setUp();
    const { id } = await jobs.submit(asked("1", "a", { requeue: true }));
    for (let i = 0; i < 3; i++) ({ jobs, database } = setUp({}, database));
    expect(jobs.get(id)).toMatchObject({ state: "failed", attempts: 3, error: "the server was restarted" });
  });
});

test("whoever waits for something to happen to a job hears of it, once", async () => {
  const { jobs, end } = setUp();
  const { id } = await jobs.submit(asked("1"));
  await settled();
  const { signal } = new AbortController();
  const change = jobs.change(id, signal);
  await end("1");
  expect(await change).toBe(true);
  expect(jobs.isOver(id)).toBe(true);
  const leaving = new AbortController();
  const waiting = jobs.change(id, leaving.signal);
  leaving.abort();
  expect(await waiting).toBe(false);
  const last = jobs.change(id, signal);
  await jobs.drain(0);
  expect(await last).toBe(false);
});

test("whoever follows all of them hears when one is taken, begins and ends, until that is ended", async () => {
  const { jobs, end } = setUp();
  let heard = 0;
  const stop = jobs.onChange(() => heard++);
  await jobs.submit(asked("one"));
  await jobs.submit(asked("two"));
  // Two were taken, and the first has begun.
  expect(heard).toBe(3);
  await end("one");
  // It ended, and the second began in its place.
  expect(heard).toBe(5);
  stop();
  await end("two");
  expect(heard).toBe(5);
});
