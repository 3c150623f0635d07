/** The manager over random interleavings: nobody ever gets an answer that his own conversation does not explain. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { ClientTool } from "./client-tools/client-tool.ts";
import { textOf } from "./conversation.ts";
import { SessionError } from "./errors.ts";
import { SessionManager } from "./manager.ts";
import { Reply } from "./reply.ts";
import { expectedAnswer, FakeCli, say } from "./testing/fake-cli.ts";

const root = mkdtempSync(join(tmpdir(), "lodge-manager-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let run = 0;
function setUp(
  step: (label: string) => Promise<void>,
  limits: { maxLive?: number; spares?: number; queueLimit?: number } = {},
) {
  const cli = new FakeCli({ configDir: join(root, String(run++)), step });
  const manager = new SessionManager({
    startDriver: cli.start,
    configDir: join(root, String(run - 1)),
    defaults: { model: "fake", driver: "stream", permissionMode: "default" },
    maxLive: 2,
    queueLimit: 100,
    sessionQueueLimit: 100,
    spares: 0,
    idleMs: 600_000,
    watchdogMs: 600_000,
    answerMs: 600_000,
    holdMs: 600_000,
    ...limits,
  });
  return { cli, manager };
}

interface Line {
  role: "user" | "assistant";
  text: string;
}

/** One turn of a client that believes `history`. */
async function turn(
  manager: SessionManager,
  history: Line[],
  text: string,
  { clientTools, ...options }: { signal?: AbortSignal; session?: string; clientTools?: ClientTool[] } = {},
) {
  const messages = [...history, { role: "user" as const, text }].map((entry) => say(entry.role, entry.text));
  const { events, source, sessionId } = await manager.start({
    messages,
    launch: { mode: "model", cwd: root, clientTools },
    ...options,
  });
  const reply = new Reply();
  for await (const event of events) reply.push(event);
  return { answer: textOf(reply.content), source, sessionId };
}

const immediately = async () => {};

describe("where a conversation goes on", () => {
  test("a new one is cold, its second turn warm, and what was edited is forked", async () => {
    const { manager } = setUp(immediately, { maxLive: 4 });
    const first = await turn(manager, [], "one");
    expect(first.source).toBe("cold");
    const history: Line[] = [
      { role: "user", text: "one" },
      { role: "assistant", text: first.answer },
    ];
    const second = await turn(manager, history, "two");
    expect(second).toMatchObject({ source: "warm", sessionId: first.sessionId });
    const edited = await turn(manager, history, "two, better");
    expect(edited.source).toBe("forked");
    expect(edited.answer).toBe(expectedAnswer([...history, { role: "user", text: "two, better" }]));
    expect(edited.sessionId).not.toBe(first.sessionId);
    await manager[Symbol.asyncDispose]();
  });

  test("a hibernated one is resumed under its own id, and an unknown history is seeded", async () => {
    const { manager } = setUp(immediately, { maxLive: 1 });
    const first = await turn(manager, [], "one");
    await turn(manager, [], "something else");
    const history: Line[] = [
      { role: "user", text: "one" },
      { role: "assistant", text: first.answer },
    ];
    expect(await turn(manager, history, "two")).toMatchObject({ source: "resumed", sessionId: first.sessionId });
    const made: Line[] = [
      { role: "user", text: "never said" },
      { role: "assistant", text: "never answered" },
    ];
    const seeded = await turn(manager, made, "so?");
    expect(seeded).toMatchObject({
      source: "seeded",
      answer: expectedAnswer([...made, { role: "user", text: "so?" }]),
    });
    await manager[Symbol.asyncDispose]();
  });

  test("a spare serves a new conversation and is replaced", async () => {
    const { manager } = setUp(immediately, { maxLive: 4, spares: 1 });
    manager.prepare({ mode: "model", cwd: root });
    await Bun.sleep(0);
    expect((await turn(manager, [], "one")).source).toBe("spare");
    await Bun.sleep(0);
    expect((await turn(manager, [], "two")).source).toBe("spare");
    await manager[Symbol.asyncDispose]();
  });

  test("a process that began with tools also answers plain words, one for plain words nothing else", async () => {
    const clientTools: ClientTool[] = [{ name: "weather", inputSchema: { type: "object" } }];
    const { manager } = setUp(immediately, { maxLive: 4 });
    const begun = await turn(manager, [], "one", { clientTools });
    const history: Line[] = [
      { role: "user", text: "one" },
      { role: "assistant", text: begun.answer },
    ];
    expect(await turn(manager, history, "two")).toMatchObject({ source: "warm", sessionId: begun.sessionId });

    const plain = await turn(manager, [], "three");
    expect(plain.source).toBe("cold");
    history.splice(0, 2, { role: "user", text: "three" }, { role: "assistant", text: plain.answer });
    const equipped = await turn(manager, history, "four", { clientTools });
    expect(equipped).toMatchObject({ source: "resumed", sessionId: plain.sessionId });
    history.push({ role: "user", text: "four" }, { role: "assistant", text: equipped.answer });
    expect(await turn(manager, history, "five")).toMatchObject({ source: "warm", sessionId: plain.sessionId });
    await manager[Symbol.asyncDispose]();
  });

  test("a spare for plain words is theirs, and who brings tools has another", async () => {
    const clientTools: ClientTool[] = [{ name: "weather", inputSchema: { type: "object" } }];
    // As many as there are: none can be replaced.
    const { manager } = setUp(immediately, { maxLive: 3, spares: 1 });
    manager.prepare({ mode: "model", cwd: root });
    await Bun.sleep(0);
    expect((await turn(manager, [], "one", { clientTools })).source).toBe("cold");
    await Bun.sleep(0);
    expect((await turn(manager, [], "two")).source).toBe("spare");
    expect((await turn(manager, [], "three", { clientTools })).source).toBe("spare");
    await manager[Symbol.asyncDispose]();
  });

  test("a named session goes on whatever history is sent, one turn at a time in the order of arrival", async () => {
    const { manager } = setUp(immediately, { maxLive: 3 });
    const answers = await Promise.all(["a", "b", "c"].map((text) => turn(manager, [], text, { session: "mine" })));
    expect(new Set(answers.map(({ sessionId }) => sessionId)).size).toBe(1);
    const lines: Line[] = [];
    for (const [index, text] of ["a", "b", "c"].entries()) {
      lines.push({ role: "user", text });
      const answer = expectedAnswer(lines);
      expect(answers[index]?.answer).toBe(answer);
      lines.push({ role: "assistant", text: answer });
    }
    await manager[Symbol.asyncDispose]();
  });
});

describe("limits", () => {
  test("as many wait for a process as may; the next is refused with a time to come again", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { manager } = setUp(() => gate, { maxLive: 1, queueLimit: 1 });
    const first = turn(manager, [], "one");
    const second = turn(manager, [], "two");
    const third = await turn(manager, [], "three").catch((error: unknown) => error);
    expect(third).toBeInstanceOf(SessionError);
    expect(third).toMatchObject({ kind: "queue_full", details: { retryAfter: expect.any(Number) } });
    open();
    expect((await first).answer).toBe(expectedAnswer([{ role: "user", text: "one" }]));
    expect((await second).answer).toBe(expectedAnswer([{ role: "user", text: "two" }]));
    await manager[Symbol.asyncDispose]();
  });

  test("after the drain nothing is live and nothing more is taken", async () => {
    const { manager, cli } = setUp(immediately, { spares: 1 });
    await turn(manager, [], "one");
    await manager.drain(0);
    expect(manager.liveSessions.size).toBe(0);
    expect(cli.live.size).toBe(0);
    expect(await turn(manager, [], "two").catch((error: unknown) => error)).toMatchObject({ kind: "draining" });
  });
});

/** What a client does next: few different words, so that conversations often begin alike. */
const action = fc.record({
  text: fc.constantFrom("a", "b"),
  /** Exchanges to drop from the end first: an edit or a retry of an earlier message. */
  back: fc.constantFrom(0, 0, 0, 1, 2),
  abort: fc.constantFrom(false, false, false, true),
  /** Goes on with what another client believes: two windows on one chat. */
  adopt: fc.option(fc.nat(4), { freq: 3 }),
});

test("no client ever sees another's text, and no session is used twice at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(action, { maxLength: 5 }), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 1 }),
      fc.array(fc.nat(60), { maxLength: 3 }),
      async (scheduler, scripts, maxLive, spares, deaths) => {
        let steps = 0;
        const { manager, cli } = setUp(
          async (label) => {
            const dies = deaths.includes(steps++);
            await scheduler.schedule(Promise.resolve(), label);
            if (dies) throw new Error("killed");
          },
          { maxLive, spares },
        );

        const histories: Line[][] = scripts.map(() => []);
        const clients = scripts.map(async (script, index) => {
          for (const { text, back, abort, adopt } of script) {
            const believed = (adopt === null ? undefined : histories[adopt]) ?? histories[index] ?? [];
            const history = believed.slice(0, Math.max(0, believed.length - back * 2));
            const controller = new AbortController();
            if (abort) void scheduler.schedule(Promise.resolve(), "abort").then(() => controller.abort());
            try {
              const { answer } = await turn(manager, history, text, { signal: controller.signal });
              const asked: Line[] = [...history, { role: "user", text }];
              expect(answer).toBe(expectedAnswer(asked));
              histories[index] = [...asked, { role: "assistant", text: answer }];
            } catch (error) {
              // A client that left, or whose process was killed under it, may try again.
              if (!(error instanceof SessionError)) throw error;
            }
          }
        });
        await scheduler.waitFor(Promise.all(clients));
        await scheduler.waitFor(manager.drain(0));
        expect(cli.violations).toEqual([]);
        expect(manager.liveSessions.size).toBe(0);
        expect(cli.live.size).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});
