/** Sums of turns: nothing counted twice, nothing left out, whatever the groups and the points of time. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { openDatabase } from "./database.ts";
import { SessionStore, type TurnRecord } from "./session-store.ts";
import { type Sums, type Times, UsageStore } from "./usage-store.ts";

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
  expect(usage.times(span, "duration")).toEqual({ p50: 50, p90: 90, p99: 99 });
  expect(usage.times(span, "first_token")).toEqual({ p50: 49, p90: 89, p99: 99 });
  expect(usage.times({ from: 0, to: 1 }, "duration")).toBeNull();
});

test("each group has its own times, and those that are not told apart have theirs together", () => {
  const turn = { cwd: "/w", tokens: 0 };
  using usage = storeOf([
    ...[10, 30, 20].map((firstTokenMs, k) => ({
      ...turn,
      at: start + k,
      model: "quick",
      durationMs: 40,
      firstTokenMs,
    })),
    ...[500, 700].map((firstTokenMs, k) => ({ ...turn, at: start + k, model: "slow", durationMs: 900, firstTokenMs })),
    { ...turn, at: start, model: "silent", durationMs: 1 },
    { ...turn, at: start, model: "other", durationMs: 7, firstTokenMs: 3 },
  ]);
  const span = { from: start, to: start + 100 };
  expect(usage.timesBy(span, "first_token", "model", ["quick", "slow", "silent"])).toEqual(
    new Map<string | null, Times>([
      [null, { p50: 3, p90: 3, p99: 3 }],
      ["quick", { p50: 20, p90: 30, p99: 30 }],
      ["slow", { p50: 500, p90: 700, p99: 700 }],
    ]),
  );
  expect(usage.timesBy(span, "duration", "model", ["silent"]).get("silent")).toEqual({ p50: 1, p90: 1, p99: 1 });
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
