import { expect, test } from "bun:test";
import { systemClock } from "./clock.ts";

test("timers are counted until they have called back or been disposed of, whichever comes first", async () => {
  const before = systemClock.pending;
  const { promise, resolve } = Promise.withResolvers<void>();
  const soon = systemClock.after(0, resolve);
  const late = systemClock.after(60_000, () => {});
  expect(systemClock.pending).toBe(before + 2);
  await promise;
  expect(systemClock.pending).toBe(before + 1);
  soon[Symbol.dispose]();
  late[Symbol.dispose]();
  late[Symbol.dispose]();
  expect(systemClock.pending).toBe(before);
});
