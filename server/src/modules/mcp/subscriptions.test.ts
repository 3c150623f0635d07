// What a client hears of the files that it subscribed to: each change, nothing else, never too many, and nothing at the end.
import { expect, test } from "bun:test";
import { AccessError } from "../../auth/errors.ts";
import { ManualClock, settled } from "../../jobs/testing/manual-clock.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import type { Seen } from "../../workspaces/files/changes.ts";
import { Subscriptions } from "./subscriptions.ts";

function setUp() {
  const clock = new ManualClock();
  const disk = new Map<string, Seen | Error>();
  const told: string[] = [];
  const unexpected: unknown[] = [];
  let looks = 0;
  const subscriptions = new Subscriptions({
    look: async (path) => {
      looks++;
      const seen = disk.get(path) ?? { version: null, isFresh: false };
      if (seen instanceof Error) throw seen;
      return seen;
    },
    tell: (uri) => told.push(uri),
    clock,
    onUnexpected: (error) => unexpected.push(error),
  });
  const put = (path: string, version: string | null, isFresh = false) => disk.set(path, { version, isFresh });
  /** What was told since the last time. */
  const hear = async () => {
    await clock.advance(1000);
    return told.splice(0);
  };
  return { clock, disk, subscriptions, put, hear, unexpected, looks: () => looks };
}

test("a file that changes, comes or goes is told of, once each; another is not", async () => {
  const { subscriptions, put, hear } = setUp();
  put("a", "1");
  put("b", "1");
  await subscriptions.add("uri:a", "a");
  await subscriptions.add("uri:new", "new");
  expect(await hear()).toEqual([]);
  put("a", "2");
  put("b", "2");
  expect(await hear()).toEqual(["uri:a"]);
  put("new", "1");
  expect(await hear()).toEqual(["uri:new"]);
  put("a", null);
  expect(await hear()).toEqual(["uri:a"]);
  expect(await hear()).toEqual([]);
});

test("what has just changed is told of once more: a second change may leave the same time", async () => {
  const { subscriptions, put, hear } = setUp();
  await subscriptions.add("uri:a", "a");
  put("a", "1", true);
  expect(await hear()).toEqual(["uri:a"]);
  put("a", "1", false);
  expect(await hear()).toEqual(["uri:a"]);
  expect(await hear()).toEqual([]);
});

test("nothing is looked at for nobody", async () => {
  const { subscriptions, hear, clock, looks } = setUp();
  await subscriptions.add("uri:a", "a");
  await subscriptions.add("uri:a", "a");
  subscriptions.remove("uri:a");
  await hear();
  expect([looks(), clock.timers, subscriptions.size]).toEqual([1, 0, 0]);
  await subscriptions.add("uri:b", "b");
  expect(clock.timers).toBe(1);
  subscriptions[Symbol.dispose]();
  expect([clock.timers, subscriptions.size]).toEqual([0, 0]);
});

test("the end of the session in the midst of a look is the end", async () => {
  const { subscriptions, put, hear, clock } = setUp();
  await subscriptions.add("uri:a", "a");
  put("a", "1");
  const round = hear();
  subscriptions[Symbol.dispose]();
  expect(await round).toEqual([]);
  await settled();
  expect(clock.timers).toBe(0);
  // One that was on its way, too.
  await subscriptions.add("uri:late", "late");
  expect(clock.timers).toBe(0);
});

test("no more than so many files, and one that is refused takes no place", async () => {
  const { subscriptions, disk } = setUp();
  disk.set("outside", new WorkspaceError("outside", "no"));
  await subscriptions.add("uri:outside", "outside").catch(() => {});
  const all = Array.from({ length: 130 }, (_, k) => subscriptions.add(`uri:${k}`, `${k}`));
  const refused = (await Promise.allSettled(all)).filter(({ status }) => status === "rejected");
  expect([subscriptions.size, refused.length]).toEqual([32, 98]);
});

test("one that may not be seen any more is forgotten; one that became a folder is gone for its reader", async () => {
  const { subscriptions, disk, put, hear, unexpected } = setUp();
  for (const path of ["mine", "folder", "broken"]) put(path, "1");
  for (const path of ["mine", "folder", "broken"]) await subscriptions.add(`uri:${path}`, path);
  disk.set("mine", new AccessError("workspace_foreign", "not yours"));
  disk.set("folder", new WorkspaceError("is_a_folder", "a folder"));
  disk.set("broken", new TypeError("a bug"));
  expect(await hear()).toEqual(["uri:folder"]);
  expect(subscriptions.size).toBe(1);
  expect(unexpected).toHaveLength(1);
});
