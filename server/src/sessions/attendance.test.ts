// A session that a person has to themselves: what becomes of turns meanwhile, and when it is given back.
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { textOf } from "./conversation.ts";
import type { SessionError } from "./errors.ts";
import { SessionManager, type SessionManagerOptions } from "./manager.ts";
import { Reply } from "./reply.ts";
import { FakeCli, say } from "./testing/fake-cli.ts";

const root = mkdtempSync(join(tmpdir(), "lodge-attendance-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Time that a test moves. */
class TestClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  readonly now = (): number => this.#now;

  after(ms: number, callback: () => void): Disposable {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

let run = 0;
function setUp(options: Partial<SessionManagerOptions> = {}) {
  const clock = new TestClock();
  const configDir = join(root, String(run++));
  const cli = new FakeCli({ configDir, step: async () => {} });
  const manager = new SessionManager({
    startDriver: cli.start,
    configDir,
    defaults: { model: "fake", driver: "stream", permissionMode: "default" },
    maxLive: 4,
    queueLimit: 100,
    sessionQueueLimit: 2,
    spares: 0,
    idleMs: 600_000,
    watchdogMs: 600_000,
    answerMs: 600_000,
    holdMs: 600_000,
    clock,
    ...options,
  });
  const turn = async (text: string, signal?: AbortSignal) => {
    const launch = { mode: "model" as const, cwd: root };
    const { events, sessionId, source } = await manager.start({
      messages: [say("user", text)],
      launch,
      session: "mine",
      signal,
    });
    const reply = new Reply();
    for await (const event of events) reply.push(event);
    return { answer: textOf(reply.content), sessionId, source };
  };
  const attend = (id: string) => manager.attend({ mode: "model", cwd: root }, id, "Ada");
  return { clock, cli, manager, turn, attend };
}

const refusal = (turn: Promise<unknown>): Promise<SessionError> =>
  turn.then(
    () => {
      throw new Error("it was not refused");
    },
    (error: unknown) => error as SessionError,
  );

/** Everything that could have happened by now has. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test("turns are refused while a person has it, unless they may wait", async () => {
  const { manager, turn, attend } = setUp();
  await using _manager = manager;
  const { sessionId } = await turn("one");
  expect(await attend(sessionId)).toMatchObject({ id: sessionId, attended: { by: "Ada" } });
  const refused = await refusal(turn("two"));
  expect([refused.kind, refused.details.retryAfter]).toEqual(["session_busy", 30]);
  manager.tookKeyboard(sessionId, "Grace");
  expect(manager.get(sessionId)?.attended?.by).toBe("Grace");
  await manager.end(sessionId);
  expect(await turn("two")).toMatchObject({ sessionId, source: "resumed" });
  expect(manager.get(sessionId)?.attended).toBeUndefined();
});

test("turns that wait go on in their order, and no more wait than may", async () => {
  const { manager, turn, attend } = setUp({ attended: "wait" });
  await using _manager = manager;
  const { sessionId } = await turn("one");
  await attend(sessionId);
  const order: string[] = [];
  const waiting = ["two", "three"].map((text) => turn(text).then((done) => (order.push(text), done)));
  const refused = await refusal(turn("four"));
  expect([refused.kind, refused.details.retryAfter]).toEqual(["queue_full", 30]);
  await settled();
  expect(order).toEqual([]);
  await manager.end(sessionId);
  expect((await Promise.all(waiting)).map((done) => done.sessionId)).toEqual([sessionId, sessionId]);
  expect(order).toEqual(["two", "three"]);
});

test("a turn that is given up makes room for another, and a server that stops lets all go", async () => {
  const { manager, turn, attend } = setUp({ attended: "wait" });
  const { sessionId } = await turn("one");
  await attend(sessionId);
  const leaving = new AbortController();
  const first = refusal(turn("two", leaving.signal));
  const second = refusal(turn("three"));
  leaving.abort();
  expect((await first).kind).toBe("aborted");
  const third = refusal(turn("four"));
  await settled();
  await manager[Symbol.asyncDispose]();
  expect([(await second).kind, (await third).kind]).toEqual(["draining", "draining"]);
});

test("a restart keeps it the person's, and whoever waits waiting", async () => {
  const { manager, turn, attend, cli } = setUp({ attended: "wait" });
  await using _manager = manager;
  const { sessionId } = await turn("one");
  await attend(sessionId);
  const waiting = turn("two");
  const started = cli.started;
  expect(await manager.restart(sessionId)).toMatchObject({ id: sessionId, attended: { by: "Ada" } });
  expect(cli.started).toBe(started + 1);
  await settled();
  expect(cli.started).toBe(started + 1);
  await manager.end(sessionId);
  expect((await waiting).sessionId).toBe(sessionId);
  expect(cli.violations).toEqual([]);
});

test("a session of nobody's is restarted as it was, and its next turn finds it warm", async () => {
  const { manager, turn, cli } = setUp();
  await using _manager = manager;
  const { sessionId } = await turn("one");
  const before = cli.live.get(sessionId);
  expect(await manager.restart(sessionId)).toMatchObject({ id: sessionId, driver: "stream" });
  expect(cli.live.get(sessionId)).not.toBe(before);
  while (manager.get(sessionId)?.state.name !== "ready") await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await turn("two")).toMatchObject({ sessionId, source: "warm" });
  expect((await refusal(manager.restart(crypto.randomUUID()))).kind).toBe("session_unknown");
  expect(cli.violations).toEqual([]);
});

test("one that nobody looks at is given back when its time is over", async () => {
  const { manager, turn, attend, clock } = setUp({ attended: "wait", unwatchedMs: 60_000 });
  await using _manager = manager;
  const { sessionId } = await turn("one");
  await attend(sessionId);
  clock.advance(50_000);
  manager.watch(sessionId, true);
  clock.advance(100_000);
  await settled();
  expect(manager.get(sessionId)?.attended?.by).toBe("Ada");
  manager.watch(sessionId, false);
  const waiting = turn("two");
  clock.advance(59_000);
  await settled();
  expect(manager.get(sessionId)?.attended?.by).toBe("Ada");
  clock.advance(2000);
  expect((await waiting).sessionId).toBe(sessionId);
});
