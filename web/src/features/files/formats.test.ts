import { expect, test } from "bun:test";
import { hexLines } from "./hex.ts";
import { filesSearch } from "./search.ts";
import { tableOf } from "./table.ts";

test("bytes in lines of sixteen", () => {
  const bytes = new TextEncoder().encode("Hello, Lodge! \0\n~é");
  expect(hexLines(bytes).split("\n")).toEqual([
    "00000000  48 65 6c 6c 6f 2c 20 4c 6f 64 67 65 21 20 00 0a  Hello, Lodge! ··",
    "00000010  7e c3 a9                                         ~··",
  ]);
});

test("a table: its separator found out, quotes understood, and as many rows as are looked at", () => {
  expect(tableOf('name;price\n"a;b";1\n\nc;2\n')).toEqual({
    head: ["name", "price"],
    rows: [
      ["a;b", "1"],
      ["c", "2"],
    ],
    count: 2,
  });
  expect(tableOf("")).toBeNull();
  const long = tableOf(`a,b\n${"1,2\n".repeat(5000)}`);
  expect([long?.rows.length, long?.count]).toEqual([2000, 5000]);
});

test("filesSearch keeps what it knows", () => {
  expect(filesSearch({ view: "history", line: "12", x: 1 })).toEqual({ view: "history", line: 12 });
  expect(filesSearch({ view: "other", line: -1, edit: "yes" })).toEqual({});
  expect(filesSearch({ edit: true })).toEqual({ edit: true });
});
