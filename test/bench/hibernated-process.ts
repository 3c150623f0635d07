/**
 * Many hibernated sessions in a process of its own. The session manager runs one turn of each, with the tests' stand-in
 * for the CLI's process (it keeps transcripts), and a live limit of one, so that each session hibernates when the next
 * begins. Then: what this process's memory grew by, and how long it takes to find a session again.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Message, SessionManager } from "@lodge/server/sessions";
import { limits } from "@lodge/shared";
import { expectedAnswer, FakeCli, say } from "../../server/src/sessions/testing/fake-cli.ts";
import { openDatabase } from "../../server/src/store/database.ts";
import { SessionStore } from "../../server/src/store/session-store.ts";
import { serveParent } from "./child.ts";
import { now } from "./clock.ts";
import { residentBytes } from "./memory.ts";
import { quantile } from "./stats.ts";

export interface HibernatedReport {
  /** Bytes for each session; undefined where the system does not tell. */
  bytes: number | undefined;
  /** Milliseconds, p99: among few sessions, then among all. */
  lookup: { few: number; many: number };
  acquire: { few: number; many: number };
}

/** Sessions before anything is measured: caches are filled and the code is compiled. */
const few = 500;
const looks = 500;

const { BENCH_DATA: data = "", BENCH_SESSIONS: sessions = "" } = process.env;
const cwd = join(data, "workspaces");
const configDir = join(data, "demo", "claude");
mkdirSync(cwd, { recursive: true });

using database = openDatabase(join(data, "lodge.sqlite"));
const store = new SessionStore(database);
let takenAt = 0;
const cli = new FakeCli({
  configDir,
  step: async (label) => {
    if (label.startsWith("turn")) takenAt = now();
  },
});
await using manager = new SessionManager({
  startDriver: cli.start,
  defaults: { model: "sonnet", driver: "stream", permissionMode: "dontAsk" },
  configDir,
  maxLive: 1,
  queueLimit: 1,
  sessionQueueLimit: 1,
  spares: 0,
  idleMs: 3_600_000,
  watchdogMs: 3_600_000,
  answerMs: 3_600_000,
  holdMs: 3_600_000,
  database,
});

const prompt = (index: number) => `Question ${index} of somebody who wants to know: ${"what is it? ".repeat(10)}`;

/** @returns milliseconds until a process had the turn */
async function turn(messages: Message[], source: string): Promise<number> {
  const startedAt = now();
  const begun = await manager.start({ messages, launch: { mode: "model", cwd } });
  if (begun.source !== source) throw new Error(`a turn that should be ${source} was ${begun.source}`);
  for await (const _event of begun.events);
  return takenAt - startedAt;
}

async function hibernate(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) await turn([say("user", prompt(index))], "cold");
}

/** What finding a session again takes of the store, and a listing beside it. */
function lookup(): number {
  const known = database
    .query<{ fingerprint: string }, [number]>("SELECT fingerprint FROM fingerprints ORDER BY random() LIMIT ?")
    .all(looks);
  const times = known.map(({ fingerprint }) => {
    const startedAt = now();
    const found = store.find(fingerprint).length * store.list(limits.sessions).length;
    const ms = now() - startedAt;
    if (found === 0) throw new Error("a session was not found");
    return ms;
  });
  return quantile(times, 0.99);
}

/** Goes on with hibernated sessions, spread over those from one index up to another, none of them twice. */
async function acquire(from: number, to: number): Promise<number> {
  const times: number[] = [];
  const step = Math.max(1, Math.floor((to - from) / looks));
  for (let index = from; index < to; index += step) {
    const answer = expectedAnswer([{ role: "user", text: prompt(index) }]);
    const messages = [say("user", prompt(index)), say("assistant", answer), say("user", "And then?")];
    times.push(await turn(messages, "resumed"));
  }
  return quantile(times, 0.99);
}

async function memory(): Promise<number | undefined> {
  for (let pass = 0; pass < 5; pass++) {
    Bun.gc(true);
    await Bun.sleep(20);
  }
  return residentBytes(process.pid);
}

await hibernate(0, few);
const before = { lookup: lookup(), acquire: await acquire(0, few), memory: await memory() };
const all = few + Number(sessions);
await hibernate(few, all);
const grown = await memory();
const report: HibernatedReport = {
  bytes: grown === undefined || before.memory === undefined ? undefined : (grown - before.memory) / (all - few),
  lookup: { few: before.lookup, many: lookup() },
  acquire: { few: before.acquire, many: await acquire(few, all) },
};
await manager.drain(0);
serveParent(report);
