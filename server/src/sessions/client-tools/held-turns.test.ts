/** Held calls over random results, in any order and number, with processes that die: each call gets its own result or none. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Clock } from "../clock.ts";
import type { Message, ToolResultBlock, ToolUseBlock } from "../conversation.ts";
import { SessionError } from "../errors.ts";
import { SessionManager } from "../manager.ts";
import { Reply } from "../reply.ts";
import { FakeCli, say } from "../testing/fake-cli.ts";

const root = mkdtempSync(join(tmpdir(), "lodge-held-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let run = 0;
function setUp(step: (label: string) => Promise<void>, maxLive: number) {
  const configDir = join(root, String(run++));
  const cli = new FakeCli({ configDir, step });
  const manager = new SessionManager({
    startDriver: cli.start,
    configDir,
    defaults: { model: "fake", driver: "stream", permissionMode: "default" },
    maxLive,
    queueLimit: 100,
    sessionQueueLimit: 100,
    spares: 0,
    idleMs: 600_000,
    watchdogMs: 600_000,
    answerMs: 600_000,
    holdMs: 600_000,
  });
  return { cli, manager };
}

const tools = [{ name: "t", inputSchema: { type: "object" } }];

/** One request: the message that it is answered with. */
async function ask(manager: SessionManager, messages: Message[], signal?: AbortSignal): Promise<Message> {
  const launch = { mode: "model" as const, cwd: root, clientTools: tools };
  const { events } = await manager.start({ messages, launch, signal });
  const reply = new Reply();
  for await (const event of events) reply.push(event);
  return { role: "assistant", content: reply.content };
}

const callsOf = ({ content }: Message): ToolUseBlock[] => content.filter((block) => block.type === "tool_use");

const resultOf = (id: string, text: string): ToolResultBlock => ({
  type: "tool_result",
  tool_use_id: id,
  content: [{ type: "text", text }],
  is_error: false,
});

/** What one client does with the calls that it gets. */
const plan = fc.record({
  calls: fc.integer({ min: 1, max: 3 }),
  /** Sends this many results first, which is refused when it is not all of them. */
  partial: fc.option(fc.nat(2), { freq: 2 }),
  reversed: fc.boolean(),
  /** Sends the same again, as after a lost reply: one after the other or at the same time. */
  repeat: fc.constantFrom("no", "after", "along"),
  words: fc.boolean(),
  /** Asks for the calls, or sends the results, and leaves before it has its reply; then asks again. */
  leaves: fc.constantFrom("no", "asking", "answering"),
});

test("no call is answered twice or with another's result, and no session is stuck", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(plan, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.nat(40), { maxLength: 2 }),
      async (scheduler, plans, maxLive, deaths) => {
        let steps = 0;
        const { cli, manager } = setUp(async (label) => {
          const dies = deaths.includes(steps++);
          await scheduler.schedule(Promise.resolve(), label);
          if (dies) throw new Error("killed");
        }, maxLive);
        /** What the results of all clients were meant for. */
        const meant = new Map<string, string>();
        const given: Message[] = [];

        const clients = plans.map(async ({ calls, partial, reversed, repeat, words, leaves }, index) => {
          const leave = async (messages: Message[]) => {
            const leaving = new AbortController();
            void scheduler.schedule(Promise.resolve(), "leave").then(() => leaving.abort());
            await ask(manager, messages, leaving.signal).catch((error: unknown) => {
              if (!(error instanceof SessionError)) throw error;
            });
          };
          const asked = say("user", `call ${calls}`);
          const history: Message[] = [say("user", `client ${index}`), say("assistant", "Yes?"), asked];
          if (leaves === "asking") await leave(history);
          const called = await retried(() => ask(manager, history));
          const ids = callsOf(called).map(({ id }) => id);
          expect(ids).toHaveLength(calls);
          const results = ids.map((id) => {
            meant.set(id, `for ${id}`);
            return resultOf(id, `for ${id}`);
          });
          if (partial !== null && partial > 0 && partial < calls) {
            const some: Message = { role: "user", content: results.slice(0, partial) };
            const refused = await ask(manager, [...history, called, some]).catch((error: unknown) => error);
            expect(refused).toMatchObject({ kind: "invalid_request" });
            expect((refused as Error).message).toContain(ids.at(-1) as string);
          }
          const all: Message = { role: "user", content: reversed ? results.toReversed() : results };
          if (words) all.content.push({ type: "text", text: `and ${index}` });
          const whole = [...history, called, all];
          if (leaves === "answering") await leave(whole);
          const once = () => retried(() => ask(manager, whole));
          const answers = repeat === "along" ? await Promise.all([once(), once()]) : [await once()];
          if (repeat === "after") answers.push(await once());
          for (const answer of answers) expect(callsOf(answer)).toEqual([]);
          given.push(...answers);
          // Whichever of the replies the client goes on from: what it says is what a session knows.
          const next = [...whole, answers.at(-1) as Message, say("user", "more")];
          expect(callsOf(await retried(() => ask(manager, next)))).toEqual([]);
        });
        await scheduler.waitFor(Promise.all(clients));
        await scheduler.waitFor(manager.drain(0));
        for (const [id, results] of cli.answered) expect(results).toEqual([meant.get(id) as string]);
        expect(cli.violations).toEqual([]);
        expect(manager.liveSessions.size).toBe(0);
        expect(cli.live.size).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test("many held calls have one clock between them, and none while the model is at work", async () => {
  const running = new Set<number>();
  const clock: Clock = {
    now: () => 0,
    after: (ms) => {
      running.add(ms);
      return { [Symbol.dispose]: () => void running.delete(ms) };
    },
  };
  const configDir = join(root, "many");
  const cli = new FakeCli({ configDir, step: async () => {} });
  const manager = new SessionManager({
    startDriver: cli.start,
    configDir,
    defaults: { model: "fake", driver: "stream", permissionMode: "default" },
    maxLive: 10,
    queueLimit: 0,
    sessionQueueLimit: 0,
    spares: 0,
    idleMs: 1,
    watchdogMs: 2,
    answerMs: 3,
    holdMs: 4,
    clock,
  });
  const asked = [say("user", "call 8")];
  const called = await ask(manager, asked);
  expect([...running]).toEqual([4]);
  const results = callsOf(called).map(({ id }) => resultOf(id, id));
  await ask(manager, [...asked, called, { role: "user", content: results }]);
  expect([...running]).toEqual([1]);
  await manager.drain(0);
  expect(running.size).toBe(0);
});

/** A client whose process was killed under it tries again. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SessionError) || error.kind === "invalid_request" || attempt === 5) throw error;
    }
  }
}
