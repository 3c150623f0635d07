import { afterEach, expect, test } from "bun:test";
import { serverNow, setServerDate } from "./clock.ts";

afterEach(() => setServerDate(null));

const header = (offset: number, now: number) => new Date(now + offset).toUTCString();

test("follows the server's clock when it differs noticeably", () => {
  const now = Date.now();
  setServerDate(header(-3_600_000, now), now);
  expect(Math.abs(serverNow() - (now - 3_600_000))).toBeLessThan(3000);
});

test.each([null, "nonsense", header(1000, 0)])("keeps the browser's clock for %p", (date) => {
  setServerDate(date, 0);
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(2000);
});
