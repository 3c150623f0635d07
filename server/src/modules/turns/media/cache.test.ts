/** What was fetched lately is there again, within its bounds. */
import { expect, test } from "bun:test";
import { ManualClock } from "../../../jobs/testing/manual-clock.ts";
import { MediaCache } from "./cache.ts";

const limits = { entries: 3, bytes: 100, ageMs: 1000 };
const of = (size: number) => ({ bytes: new Uint8Array(size), declared: null });

test("the one used longest ago makes room, for number and for bytes", () => {
  const cache = new MediaCache(limits, new ManualClock());
  for (const url of ["a", "b", "c"]) cache.set(url, of(10));
  cache.get("a");
  cache.set("d", of(10));
  expect(["a", "b", "c", "d"].filter((url) => cache.get(url))).toEqual(["a", "c", "d"]);
  cache.set("e", of(85));
  expect(["a", "c", "d", "e"].filter((url) => cache.get(url))).toEqual(["d", "e"]);
  cache.set("f", of(101));
  expect(["d", "e", "f"].filter((url) => cache.get(url))).toEqual(["d", "e"]);
});

test("a URL that is fetched again takes the room of one", () => {
  const cache = new MediaCache(limits, new ManualClock());
  cache.set("a", of(10));
  for (let i = 0; i < 50; i++) cache.set("b", of(60));
  expect(cache.get("a")?.bytes).toHaveLength(10);
});

test("its age counts from when it was fetched, however often it is asked for", async () => {
  const clock = new ManualClock();
  const cache = new MediaCache(limits, clock);
  cache.set("a", of(1));
  for (let i = 0; i < 4; i++) {
    await clock.advance(250);
    expect(cache.get("a")).toBeDefined();
  }
  await clock.advance(1);
  expect(cache.get("a")).toBeUndefined();
});
