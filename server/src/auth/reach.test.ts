// What is in a workspace, what leads to one, and what only looks like one.
import { describe, expect, test } from "bun:test";
import { normalPath, Reach } from "./reach.ts";

const reach = new Reach(["team/web", "notes"]);

test.each(["notes", "notes/today.md", "team/web", "team/web/src/a.ts"])("%p is in it", (path) => {
  expect(reach.includes(path)).toBe(true);
  expect(() => reach.require(path)).not.toThrow();
});

test.each(["", "team", "note", "notes2", "team/website", "other/notes", "Notes"])("%p is not", (path) => {
  expect(reach.includes(path)).toBe(false);
  expect(() => reach.require(path)).toThrow("This key is not for");
});

test("what a thing is in is not told to those who may not know", () => {
  expect(() => reach.require("secret-plan", "The job")).toThrow(/^The job is in a workspace of others/);
  expect(() => reach.require("secret-plan", "The job")).not.toThrow("secret-plan");
});

test("the root and the folders on the way lead to it, those beside it do not", () => {
  expect(["", "team", "team/web", "notes"].filter((path) => reach.leadsOn(path))).toHaveLength(4);
  expect(["teams", "tea", "other", "notes/old"].filter((path) => reach.leadsOn(path))).toEqual([]);
});

describe("a reach without limits", () => {
  test("includes everything, and prefers the root", () => {
    const all = new Reach(null);
    expect([all.includes(""), all.includes("x/y"), all.isLimited, all.preferred]).toEqual([true, true, false, ""]);
  });
});

test("all spellings of a path are one", () => {
  expect(["/notes/", "notes//a/./b", "notes"].map(normalPath)).toEqual(["notes", "notes/a/b", "notes"]);
  expect(() => normalPath("notes/../other")).toThrow("..");
});
