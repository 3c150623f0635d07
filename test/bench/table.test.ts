import { expect, test } from "bun:test";
import { type Column, renderTable } from "./table.ts";

const columns: Column[] = [
  { title: "what", align: "left" },
  { title: "ms", align: "right" },
];

test("columns are aligned, and the rule says how", () => {
  const text = renderTable(columns, [
    ["warm turn", "17.2"],
    ["cold", "310"],
  ]);
  expect(text.split("\n")).toEqual([
    "| what      |   ms |",
    "| --------- | ---: |",
    "| warm turn | 17.2 |",
    "| cold      |  310 |",
  ]);
});

test("what would break the table is escaped, and missing cells are empty", () => {
  expect(renderTable(columns, [["a|b\n c"]]).split("\n")[2]).toBe("| a\\|b c |     |");
});

test("narrow columns still are Markdown", () => {
  expect(renderTable([{ title: "n", align: "right" }], [["1"]])).toBe("|   n |\n| --: |\n|   1 |");
});
