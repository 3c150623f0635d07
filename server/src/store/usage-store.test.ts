/** Sums of turns: nothing counted twice, nothing left out, whatever the groups and the points of time. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { openDatabase } from "./database.ts";
import { SessionStore, type TurnRecord } from "./session-store.ts";
import { type Sums, UsageStore } from "./usage-store.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 1);

function storeOf(
  turns: readonly (Pick<TurnRecord, "at" | "model" | "durationMs"> & {
    cwd: string;
    tokens: number;
    owner?: string | null;
    firstTokenMs?: number;
  })[],
) {
  const database = openDatabase(":memory:");
  const sessions = new SessionStore(database);
  for (const { cwd, tokens, ...turn } of turns) {
    const record = {
      id: cwd,
      cwd,
      driver: "stream",
      mode: "agent",
      model: turn.model,
      title: "",
      lastWords: "",
      source: "cold",
      turns: 1,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      startedAt: turn.at,
      lastActiveAt: turn.at,
      contextTokens: null,
      contextWindow: null,
      tip: null,
      owner: null,
    };
    sessions.saveTurn(
      record,
      {
        firstTokenMs: null,
        owner: null,
        ...turn,
        sessionId: cwd,
        source: "warm",
        inputTokens: tokens,
        outputTokens: 2 * tokens,
        cacheReadTokens: 3 * tokens,
        cacheCreationTokens: 4 * tokens,
        costUsd: tokens / 1024,
      },
      null,
    );
  }
  return Object.assign(new UsageStore(database), { sessions, [Symbol.dispose]: () => database.close() });
}

const tokensOf = (sums: readonly Sums[]) => sums.reduce((all, sum) => all + sum.inputTokens, 0);

test("groups and points of time add up to the total, to the token", () => {
  const turn = fc.record({
    at: fc.integer({ min: 0, max: 100 * hour }).map((ms) => start + ms),
    model: fc.constantFrom("haiku", "sonnet", "opus"),
    cwd: fc.constantFrom("/w/a", "/w/b", "/w/c", "/w/d"),
    durationMs: fc.nat(1000),
    tokens: fc.nat(10_000),
    owner: fc.constantFrom(null, "key_1", "key_2"),
  });
  fc.assert(
    fc.property(
      fc.array(turn, { maxLength: 40 }),
      fc.constantFrom("model", "cwd", "source", "mode", "owner"),
      fc.integer({ min: 1, max: 48 }),
      fc.integer({ min: -12, max: 14 }),
      (turns, by, hours, zone) => {
        using usage = storeOf(turns);
        const span = { from: start + 10 * hour, to: start + 90 * hour };
        const inside = turns.filter(({ at }) => at >= span.from && at < span.to);
        const totals = usage.totals(span);
        expect(totals.turns).toBe(inside.length);
        expect(totals.inputTokens).toBe(inside.reduce((sum, { tokens }) => sum + tokens, 0));
        expect(totals.cacheCreationTokens).toBe(4 * totals.inputTokens);
        const groups = usage.groups(span, by, 100);
        expect(tokensOf(groups)).toBe(totals.inputTokens);
        const names = groups.slice(0, 2).map(({ name }) => name);
        const points = usage.points(span, by, names, { bucketMs: hours * hour, offsetMs: zone * hour });
        expect(tokensOf(points)).toBe(totals.inputTokens);
        expect(new Set(points.map(({ name }) => name)).size).toBeLessThanOrEqual(3);
        const keys = ["key_1", "key_2"].map((owner) => usage.costOf(owner, span));
        const others = usage.groups(span, "owner", 100).find(({ name }) => name === "")?.costUsd ?? 0;
        expect(keys[0]! + keys[1]! + others).toBeCloseTo(totals.costUsd, 6);
        for (const { at } of points) expect((at + zone * hour) % (hours * hour)).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test("a share of the turns took at most so long", () => {
  using usage = storeOf(
    Array.from({ length: 100 }, (_, k) => ({
      at: start + k,
      model: "m",
      cwd: "/w",
      durationMs: 100 - k,
      tokens: 0,
      // Every other one said nothing.
      ...(k % 2 === 0 ? {} : { firstTokenMs: k }),
    })),
  );
  const span = { from: start, to: start + 100 };
  const shares = [0.5, 0.9, 0.99, 1] as const;
  expect(usage.timesAt(span, "duration", shares)).toEqual({ 0.5: 50, 0.9: 90, 0.99: 99, 1: 100 });
  expect(usage.timesAt(span, "first_token", shares)).toEqual({ 0.5: 49, 0.9: 89, 0.99: 99, 1: 99 });
  expect(usage.timesAt({ from: 0, to: 1 }, "duration", shares)).toBeNull();
});

test("what took most comes first", () => {
  using usage = storeOf([
    { at: start, model: "small", cwd: "/a", durationMs: 1, tokens: 1 },
    { at: start, model: "large", cwd: "/b", durationMs: 1, tokens: 9 },
    { at: start, model: "small", cwd: "/a", durationMs: 1, tokens: 2 },
  ]);
  const span = { from: start, to: start + 1 };
  expect(usage.groups(span, "model", 10)).toMatchObject([
    { name: "large", turns: 1, inputTokens: 9 },
    { name: "small", turns: 2, inputTokens: 3 },
  ]);
  expect(usage.groups(span, "model", 1)).toHaveLength(1);
});

test("a cost that comes late is the latest turn's of its session, and its session's", () => {
  const turn = { model: "m", durationMs: 1 };
  using usage = storeOf([
    { ...turn, cwd: "/a", at: start, tokens: 1024 },
    { ...turn, cwd: "/a", at: start + hour, tokens: 2048 },
    { ...turn, cwd: "/b", at: start + hour, tokens: 4096 },
  ]);
  usage.sessions.addCost("/a", 0.5);
  const costs = (from: number) =>
    usage.groups({ from, to: from + hour }, "cwd", 10).map(({ name, costUsd }) => [name, costUsd]);
  expect(costs(start)).toEqual([["/a", 1]]);
  expect(costs(start + hour)).toEqual([
    ["/b", 4],
    ["/a", 2.5],
  ]);
  expect([usage.sessions.get("/a")?.costUsd, usage.sessions.get("/b")?.costUsd]).toEqual([0.5, 0]);
});
