import { expect, test } from "bun:test";
import { marksOf } from "./marks.ts";
import { ancestorsOf, isWithin, joined, moved, nameOf, parentOf, tidy } from "./paths.ts";

test("marks: of files, of the folders that they are in, and of all that is in a folder unknown to git", () => {
  const mark = marksOf({
    branch: "main",
    ahead: 0,
    behind: 0,
    truncated: false,
    changes: [
      { path: "src/deep/a.ts", state: "modified" },
      { path: "fresh/", state: "untracked" },
    ],
  });
  expect(["src/deep/a.ts", "src/deep", "src", "fresh", "fresh/x/y", "freshly", "README.md"].map(mark)).toEqual([
    "modified",
    "contains",
    "contains",
    "untracked",
    "untracked",
    undefined,
    undefined,
  ]);
  expect(marksOf(null)("x")).toBeUndefined();
});

test("paths", () => {
  expect([nameOf("a/b.c"), nameOf("b"), parentOf("a/b/c"), parentOf("a")]).toEqual(["b.c", "b", "a/b", ""]);
  expect([joined("", "a"), joined("a", "b")]).toEqual(["a", "a/b"]);
  expect(ancestorsOf("a/b/c")).toEqual(["", "a", "a/b"]);
  expect([isWithin("a/b", "a"), isWithin("ab", "a"), isWithin("a", "a"), isWithin("a", "")]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect([moved("a/b/c", "a", "x/y"), moved("ab", "a", "x")]).toEqual(["x/y/b/c", "ab"]);
  expect(tidy("/a//./b/ c")).toBe("a/b/ c");
});
