// The server is killed in the middle of 20 jobs, a run and 20 uploads, while more jobs wait: the next one loses none, and
// none is half done.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type LodgeProcess, spawnLodge, temporaryFolder } from "../harness/process.ts";
import { eventually, isAlive, treeOf } from "../harness/processes.ts";
import { type Frame, readFrames } from "../harness/sse.ts";
import { type Receiver, receiveWebhooks } from "../harness/webhooks.ts";

setDefaultTimeout(120_000);

const secret = "a-secret-for-the-tests";
/** Jobs that are in the midst of a tool when it happens, and uploads. */
const working = 20;
/** Jobs that wait: the first go on with a conversation; the rest are to be pulled where git has nothing to pull. */
const talking = 4;
const pulled = 4;
const jobs = working + talking + pulled;
/** A tool that never ends, unless it is begun once more. */
const stuck =
  'tool: Bash {"command":"echo x >> begun; test $(wc -l < begun) -gt 1 && echo once more || exec tail -f /dev/null"}';

interface Job {
  job_id: string;
  runId: string;
  status: string;
  error?: string;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let receiver: Receiver;
let lodge: LodgeProcess;
let root: string;
/** Of the first server: what it and the CLI had started. */
let processes: number[];
/** Files and folders before the uploads began, and after the next server's start. */
let before: string[];
let after: string[];
let halves: string[];
const ids: string[] = [];
let kept: Job;
/** The conversation of that run. */
let session: string;
let cut: Job;
/** Of the first job's live output, before the kill. */
let lastEvent: string;

/** The workspaces of what is at work. */
const atWork = ["run", ...Array.from({ length: working }, (_, k) => `k${k}`)];

const isAgain = (k: number) => k % 2 === 0;
const old = (k: number) => `old content of ${k}`;
const everything = async () =>
  (await Array.fromAsync(new Bun.Glob("u*/**/*").scan({ cwd: root, dot: true }))).toSorted();
const json = async (response: Promise<Response>) => (await (await response).json()) as Job;

const jobOf = (k: number): object => {
  const common = { requeue_on_restart: isAgain(k), callback_url: receiver.url };
  if (k < working) return { ...common, workspace: `k${k}`, prompt: stuck };
  if (k < working + talking) return { ...common, workspace: "k0", prompt: `echo: ${k}`, resume: session };
  return { ...common, workspace: "git", prompt: `echo: ${k}` };
};
const submit = (k: number) => lodge.post("/execute", jobOf(k), { "idempotency-key": `job ${k}` });

beforeAll(async () => {
  folder = await temporaryFolder();
  receiver = receiveWebhooks(secret);
  root = join(folder.path, "workspaces");
  const settings = {
    LODGE_DATA: folder.path,
    LODGE_LOG_LEVEL: "error",
    LODGE_SPARES: "0",
    LODGE_MAX_LIVE: String(working + 2),
    LODGE_JOBS: String(working),
    LODGE_WEBHOOK_SECRET: secret,
    LODGE_PRIVATE_ADDRESSES: "yes",
  };
  for (const name of [...atWork, "git"]) await mkdir(join(root, name), { recursive: true });
  for (let k = 0; k < working; k++) await mkdir(join(root, `u${k}`, "deep"), { recursive: true });
  for (let k = 0; k < working; k += 2) await writeFile(join(root, `u${k}`, "file"), old(k));
  before = await everything();

  const first = await spawnLodge(settings);
  lodge = first;
  const setting = { method: "PUT", body: JSON.stringify({ git: "pull --rebase" }) };
  expect((await lodge.fetch("/api/workspace-settings?workspace=git", setting)).status).toBe(200);
  const done = await (await lodge.post("/run", { prompt: "echo: kept", workspace: "k0" })).json();
  kept = done as Job;
  session = (done as { sessionId: string }).sessionId;
  for (let k = 0; k < jobs; k++) ids.push((await json(submit(k))).job_id);
  cut = await json(lodge.post("/run", { prompt: stuck, workspace: "run", async: true }));
  expect((await lodge.fetch("/files/u1/finished", { method: "PUT", body: "finished" })).status).toBe(200);
  const sockets = beginUploads(first);
  for await (const { event, id } of framesOf(ids[0]!)) {
    lastEvent = id;
    if (event === "tool_use") break;
  }
  const begun = atWork.map((name) => Bun.file(join(root, name, "begun")));
  await eventually(
    "all jobs are at work",
    async () => (await Promise.all(begun.map((file) => file.exists()))).every(Boolean),
    50_000,
  );
  const uploading = async () => (await everything()).filter((path) => path.includes(".lodge-upload-"));
  await eventually("all uploads are under way", async () => (await uploading()).length === working);
  processes = treeOf(first.pid);

  first.kill("SIGKILL");
  await first.ended;
  for (const socket of sockets) socket.destroy();
  halves = await uploading();
  lodge = await spawnLodge(settings);
  after = await everything();
});
afterAll(async () => {
  await lodge[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function beginUploads({ url, token }: LodgeProcess): Socket[] {
  const { port, hostname } = new URL(url);
  return Array.from({ length: working }, (_, k) => {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const head = [
      `PUT /files/u${k}/${k % 4 === 3 ? "new/folder/" : ""}file HTTP/1.1`,
      "host: localhost",
      `authorization: Bearer ${token}`,
      "content-length: 50000000",
    ];
    socket.write([...head, "", ""].join("\r\n") + "x".repeat(2_000_000));
    return socket;
  });
}

async function* framesOf(id: string, lastId?: string): AsyncGenerator<Frame & { id: string }> {
  const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
  const response = await lodge.fetch(`/jobs/${id}/events`, { headers });
  // Ids working from one, without a hole in so short a log.
  let next = Number(lastId ?? 0);
  for await (const frame of readFrames(response))
    if (frame.comment === undefined) yield { ...frame, id: String(++next) };
}

describe("jobs", () => {
  test("it happened in their midst: those at work had their tools running", () => {
    // A server, for each job and the run a process of the CLI, and a tool of each.
    expect(processes.length).toBeGreaterThanOrEqual(1 + 2 * atWork.length);
  });

  test("none is lost, and each is over in the end, as it asked for", async () => {
    const over = async () => {
      const page = (await (await lodge.fetch("/jobs?limit=100&status=queued,running")).json()) as { jobs: Job[] };
      return page.jobs.length === 0;
    };
    await eventually("all are over", over, 40_000);
    const all = (await (await lodge.fetch("/jobs?limit=100")).json()) as { jobs: Job[] };
    expect(all.jobs.map((job) => job.job_id).toSorted()).toEqual(ids.toSorted());
    for (const [k, id] of ids.entries()) {
      const job = await json(lodge.fetch(`/jobs/${id}`));
      // Cut off: begun once more, or failed. Waited: worked off now.
      if (k < working && isAgain(k)) {
        expect(job).toMatchObject({ status: "completed", attempts: 2, output: expect.stringContaining("once more") });
      } else if (k < working) {
        expect(job).toMatchObject({ status: "failed", attempts: 1, error: "the server was restarted" });
      } else if (k < working + talking) {
        expect(job).toMatchObject({ status: "completed", attempts: 1, output: `${k}`, session_id: session });
      } else {
        const error = expect.stringMatching(/^git pull --rebase failed: fatal: not a git repository/);
        expect(job).toMatchObject({ status: "failed", attempts: 1, error });
      }
    }
  });

  test("each is announced to who asked to be told", async () => {
    await receiver.until(jobs, 20_000);
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
    expect(new Set(receiver.received.map(({ body }) => String(body.data["job_id"])))).toEqual(new Set(ids));
  });

  test("a request that is sent again is the same job still", async () => {
    expect(await json(submit(0))).toMatchObject({ job_id: ids[0]! });
    const other = await lodge.post("/execute", { prompt: "echo: other" }, { "idempotency-key": "job 0" });
    expect(other.status).toBe(409);
  });

  test("who followed one goes on where the line broke", async () => {
    const rest = await Array.fromAsync(framesOf(ids[0]!, lastEvent));
    const statuses = rest.filter(({ event }) => event === "status").map(({ data }) => JSON.parse(data) as object);
    expect(statuses).toEqual([
      { status: "queued", reason: "the server was restarted" },
      { status: "running" },
      { status: "completed" },
    ]);
    expect(rest.some(({ event, data }) => event === "output" && data.includes("once more"))).toBe(true);
  });

  test("nothing that the first server started is left", async () => {
    await eventually("all of it is gone", () => !processes.some(isAlive));
  });
});

test("a run that was over is kept; one that was cut off is failed", async () => {
  const result = (run: Job) => json(lodge.fetch(`/run/result?runId=${run.runId}`));
  expect(await result(kept)).toMatchObject({ status: "completed", result: "kept" });
  expect(await result(cut)).toMatchObject({ status: "failed", error: "the server was restarted" });
});

describe("uploads", () => {
  test("it happened in their midst, and nothing half written is left", async () => {
    expect(halves).toHaveLength(working);
    expect(after).toEqual([...before, "u1/finished"].toSorted());
    expect(await readdir(join(folder.path, "uploads"))).toEqual([]);
    expect(await readFile(join(root, "u1/finished"), "utf8")).toBe("finished");
  });

  test("each file is the old one or none, and can be written", async () => {
    for (let k = 0; k < working; k++) {
      const response = await lodge.fetch(`/files/u${k}/file`);
      expect([k, response.status]).toEqual([k, k % 2 === 0 ? 200 : 404]);
      if (k % 2 === 0) expect(await response.text()).toBe(old(k));
      expect((await lodge.fetch(`/files/u${k}/file`, { method: "PUT", body: "again" })).status).toBe(200);
    }
  });
});
