import { expect, test } from "bun:test";
import { parseHistory, parseStatus } from "./git-parse.ts";

const nul = (...records: string[]) => records.map((record) => `${record}\0`).join("");
const fields = "N... 100644 100644 100644 aaaa bbbb";

test("a status: branch, each kind of change, paths below the folder", () => {
  const output = nul(
    "# branch.oid abc",
    "# branch.head main",
    "# branch.ab +2 -1",
    `1 .M ${fields} web/a file.ts`,
    `1 A. ${fields} web/new.ts`,
    `1 .D ${fields} web/gone.ts`,
    `2 R. ${fields} R100 web/after.ts`,
    "web/before.ts",
    "u UU N... 100644 100644 100644 100644 aaaa bbbb cccc web/both.ts",
    "? web/fresh/",
    `1 .M ${fields} server/elsewhere.ts`,
  );
  expect(parseStatus(output, "web/", 100)).toEqual({
    branch: "main",
    ahead: 2,
    behind: 1,
    changes: [
      { path: "a file.ts", state: "modified" },
      { path: "new.ts", state: "added" },
      { path: "gone.ts", state: "deleted" },
      { path: "after.ts", state: "renamed" },
      { path: "both.ts", state: "conflicted" },
      { path: "fresh/", state: "untracked" },
    ],
    truncated: false,
  });
});

test("a status without a branch, and one with more than is told", () => {
  const output = nul("# branch.head (detached)", "? a", "? b");
  expect(parseStatus(output, "", 1)).toMatchObject({ branch: null, changes: [{ path: "a" }], truncated: true });
});

test("a history, through a rename", () => {
  const commit = (hash: string, subject: string) => `\u0001${hash}\u0001Ann\u00011700000000\u0001${subject}`;
  const output = nul(commit("c3", "third"), "\nM", "new.ts", commit("c2", "second"), "\nR097", "old.ts", "new.ts");
  expect(parseHistory(output)).toEqual([
    { id: "c3", author: "Ann", at: 1_700_000_000_000, subject: "third", path: "new.ts", previousPath: null },
    { id: "c2", author: "Ann", at: 1_700_000_000_000, subject: "second", path: "new.ts", previousPath: "old.ts" },
  ]);
});
