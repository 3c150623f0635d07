import { expect, test } from "bun:test";
import { type Known, treeMove, treeRows } from "./rows.ts";

const listing = (path: string, folders: string[], files: string[], truncated = false) => ({
  path,
  folders,
  files,
  truncated,
  version: "1",
});
const disk: Record<string, Known> = {
  "": listing("", ["src", "empty"], ["a.md"]),
  src: listing("src", ["deep"], ["b.ts"], true),
  empty: listing("empty", [], []),
  broken: "failed",
};
const rowsOf = (...open: string[]) => treeRows((folder) => disk[folder], new Set(open));

test("rows: folders before files, what is open below its folder, and notes where there is nothing to show", () => {
  expect(rowsOf("src", "src/deep", "empty").map((row) => [row.kind, row.path, row.depth])).toEqual([
    ["folder", "src", 0],
    ["folder", "src/deep", 1],
    ["note", "src/deep", 2],
    ["file", "src/b.ts", 1],
    ["note", "src", 1],
    ["folder", "empty", 0],
    ["note", "empty", 1],
    ["file", "a.md", 0],
  ]);
  expect(rowsOf()[1]).toMatchObject({ position: 2, size: 3, isOpen: false });
  expect(treeRows(() => "failed", new Set())).toEqual([{ kind: "note", path: "", depth: 0, note: "failed" }]);
});

test.each([
  [null, "ArrowDown", { type: "go", path: "src" }],
  ["src", "ArrowRight", { type: "go", path: "src/deep" }],
  ["empty", "ArrowRight", { type: "open", path: "empty" }],
  ["src", "ArrowLeft", { type: "close", path: "src" }],
  ["src/b.ts", "ArrowLeft", { type: "go", path: "src" }],
  ["src/b.ts", "ArrowUp", { type: "go", path: "src/deep" }],
  ["src/b.ts", "ArrowDown", { type: "go", path: "empty" }],
  ["src", "End", { type: "go", path: "a.md" }],
  ["a.md", "Home", { type: "go", path: "src" }],
  ["a.md", "ArrowRight", null],
  ["a.md", "x", null],
] as const)("from %p, %s", (at, key, move) => expect(treeMove(rowsOf("src"), at, key)).toEqual(move));
