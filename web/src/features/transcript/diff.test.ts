import { describe, expect, test } from "bun:test";
import { diffOf } from "./diff.ts";
import { call, result } from "./testing.ts";

const edit = { file_path: "/a.ts", old_string: "one\ntwo\n", new_string: "one\n2\n" };
const lines = (diff: ReturnType<typeof diffOf>) => diff?.lines.map(({ type, text }) => type + text);

describe("a diff", () => {
  test("is made from the arguments while there is no result", () => {
    const diff = diffOf(call("c", 0, "Edit", edit), null);
    expect(lines(diff)).toEqual([" one", "-two", "+2"]);
    expect(diff).toMatchObject({ path: "/a.ts", added: 1, removed: 1 });
    expect(diff?.lines[0]).toMatchObject({ before: null, after: null });
  });

  test("has its place in the file once the result tells it, and a gap between places", () => {
    const hunk = (oldStart: number) => ({
      oldStart,
      oldLines: 2,
      newStart: oldStart,
      newLines: 2,
      lines: [" a", "-b", "+c", "\\ No newline at end of file"],
    });
    const diff = diffOf(call("c", 0, "Edit", edit), { ...result("c", 1), patch: [hunk(10), hunk(50)] });
    expect(lines(diff)).toEqual([" a", "-b", "+c", "gap", " a", "-b", "+c"]);
    expect(diff?.lines.slice(0, 3)).toMatchObject([
      { before: 10, after: 10 },
      { before: 11, after: null },
      { before: null, after: 11 },
    ]);
  });

  test("of a new file is all of it; of several edits, each", () => {
    expect(lines(diffOf(call("c", 0, "Write", { file_path: "/a", content: "a\nb\n" }), null))).toEqual(["+a", "+b"]);
    const edits = [
      { old_string: "a", new_string: "b" },
      { old_string: "c", new_string: "d" },
    ];
    const many = diffOf(call("c", 0, "MultiEdit", { file_path: "/a", edits }), null);
    expect(many).toMatchObject({ added: 2, removed: 2 });
  });

  test("is none for other tools, for nothing, and for more than one can look at", () => {
    expect(diffOf(call("c", 0, "Bash", edit), null)).toBeNull();
    expect(diffOf(null, result("c", 0))).toBeNull();
    expect(diffOf(call("c", 0, "Write", { content: "\n".repeat(9000) }), null)).toBeNull();
    expect(diffOf(call("c", 0, "Edit", { old_string: "\n".repeat(9000), new_string: "" }), null)).toBeNull();
  });
});
