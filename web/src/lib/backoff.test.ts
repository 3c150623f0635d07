import { describe, expect, test } from "bun:test";
import { backoffMs } from "./backoff.ts";

describe("backoffMs", () => {
  test("doubles up to a limit", () =>
    expect([1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => backoffMs(attempt, 1))).toEqual([
      500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
    ]));

  test("leaves half to chance", () => {
    expect(backoffMs(1, 0)).toBe(250);
    expect(backoffMs(1, 0.5)).toBe(375);
    expect(backoffMs(1000, 0)).toBe(7500);
  });
});
