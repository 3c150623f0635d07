// No more than the limit in any minute, whenever the requests come; and never a wait that is too short or without end.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { RequestRate } from "./request-rate.ts";

const start = Date.UTC(2026, 10, 21);

test("as many as the limit at once, and the next when the first is a minute ago", () => {
  const rate = new RequestRate();
  for (let k = 0; k < 3; k++) expect(rate.take(3, start)).toBe(0);
  expect(rate.take(3, start)).toBe(60);
  expect(rate.take(3, start + 59_000)).toBe(1);
  expect(rate.take(3, start + 60_000)).toBe(0);
});

test("in no minute there are more than the limit, and whoever waits as told gets in", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 8 }), (pauses, limit) => {
      const rate = new RequestRate();
      const taken: number[] = [];
      let now = start;
      for (const pause of pauses) {
        now += pause;
        const wait = rate.take(limit, now);
        expect(wait).toBeLessThanOrEqual(60);
        if (wait > 0) {
          now += wait * 1000;
          expect(rate.take(limit, now)).toBe(0);
        }
        taken.push(Math.floor(now / 1000));
        expect(taken.filter((second) => second > taken.at(-1)! - 60).length).toBeLessThanOrEqual(limit);
      }
    }),
    { seed: 21, numRuns: 200 },
  );
});

test("a limit that was lowered holds from the next request on, and a clock that goes back frees nothing", () => {
  const rate = new RequestRate();
  for (let k = 0; k < 5; k++) rate.take(10, start + 30_000);
  expect(rate.take(2, start + 31_000)).toBe(59);
  expect(rate.take(2, start)).toBeGreaterThan(0);
  expect(rate.take(2, start + 90_000)).toBe(0);
});
