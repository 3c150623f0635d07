import { expect, test } from "bun:test";
import type { UsageReport, UsageSums } from "@lodge/shared";
import { barsOf, valueOf } from "./bars.ts";
import { ranges, spanOf, usageSearch } from "./search.ts";

const sums = (turns: number): UsageSums => ({
  turns,
  inputTokens: turns,
  outputTokens: 10 * turns,
  cacheReadTokens: 100 * turns,
  cacheCreationTokens: 1000 * turns,
  costUsd: turns / 2,
});

const report = (points: UsageReport["points"]): UsageReport => ({
  from: 0,
  to: 300,
  bucketMs: 100,
  by: "model",
  totals: sums(0),
  turnMs: null,
  firstTokenMs: null,
  groups: [],
  points,
});

test("a point of time without turns has its bar, too", () => {
  const bars = barsOf(report([{ at: 100, group: 2, ...sums(4) }]), "turns");
  expect(bars).toEqual([{ at: 0 }, { at: 100, g2: 4 }, { at: 200 }]);
});

test("tokens are of every kind", () => {
  expect(valueOf(sums(1), "tokens")).toBe(1111);
  expect(valueOf(sums(3), "cost")).toBe(1.5);
});

test("bars follow the reader's days", () => {
  const now = Date.UTC(2026, 10, 21, 23, 30);
  const east = spanOf("30d", now, 2 * 3_600_000);
  // In the east it is the 22nd already.
  expect(new Date(east.to).toISOString()).toBe("2026-11-22T22:00:00.000Z");
  expect(east.to - east.from).toBe(ranges["30d"].ms);
  expect(new Date(spanOf("24h", now, 0).to).toISOString()).toBe("2026-11-22T00:00:00.000Z");
});

test("an address says only what is not usual", () => {
  expect(usageSearch({ range: "7d", by: "model", measure: "cost", other: 1 })).toEqual({});
  expect(usageSearch({ range: "90d", by: "workspace", measure: "tokens" })).toEqual({
    range: "90d",
    by: "workspace",
    measure: "tokens",
  });
  expect(usageSearch({ range: "1y", by: "constructor" })).toEqual({});
});
