import { expect, test } from "bun:test";
import { median, quantile, summarize } from "./stats.ts";

test("the median is the middle, or half way between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("quartiles are in proportion between figures", () => {
  expect(summarize([10, 20, 30, 40, 50])).toEqual({ count: 5, median: 30, lower: 20, upper: 40 });
  expect(summarize([1, 2])).toEqual({ count: 2, median: 1.5, lower: 1.25, upper: 1.75 });
});

test("one figure is its own summary", () => {
  expect(summarize([7])).toEqual({ count: 1, median: 7, lower: 7, upper: 7 });
});

test("figures are compared as numbers and left in their order", () => {
  const values = [100, 9, -1];
  expect(quantile(values, 1)).toBe(100);
  expect(quantile(values, 0)).toBe(-1);
  expect(values).toEqual([100, 9, -1]);
});

test("nothing cannot be summarized", () => {
  expect(() => summarize([])).toThrow("no figures");
});
