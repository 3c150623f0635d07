import { describe, expect, test } from "bun:test";
import { ago, bytes, compact, cost, count, elapsed } from "./format.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("elapsed", () => {
  test.each([
    [-5, "0s"],
    [0, "0s"],
    [7999, "7s"],
    [59_999, "59s"],
    [minute, "1m 00s"],
    [3 * minute + 5000, "3m 05s"],
    [hour - 1, "59m 59s"],
    [2 * hour + 7 * minute + 59_000, "2h 07m"],
    [3 * day + 4 * hour + 1, "3d 4h"],
  ])("%d ms is %s", (ms, text) => expect(elapsed(ms)).toBe(text));
});

describe("ago", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  test.each([
    [-3000, "now"],
    [4999, "now"],
    [5000, "5s ago"],
    [minute, "1m ago"],
    [hour - 1, "59m ago"],
    [23 * hour, "23h ago"],
    [13 * day, "13d ago"],
    [20 * day, "1 Nov 2026"],
  ])("%d ms before is %s", (ms, text) => expect(ago(now - ms, now)).toBe(text));
});

test("compact", () => expect([0, 812, 12_431, 1_204_000].map(compact)).toEqual(["0", "812", "12.4k", "1.2M"]));

test("cost", () =>
  expect([0, 0.00001, 0.0042, 0.01, 1.268, 999.994, 1204.4].map(cost)).toEqual([
    "$0.00",
    "<$0.0001",
    "$0.0042",
    "$0.01",
    "$1.27",
    "$999.99",
    "$1,204",
  ]));

test("count", () => expect([count(1, "session"), count(0, "session")]).toEqual(["1 session", "0 sessions"]));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1400, "1.4 kB"],
  [99_949, "99.9 kB"],
  [99_950, "100 kB"],
  [999_600, "1.0 MB"],
  [103_000_000, "103 MB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (number, text) => expect(bytes(number)).toBe(text));
