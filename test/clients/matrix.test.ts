// The page of clients as a whole; each row is checked by the file that proves it.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clients, pageText, readPage, renderPage } from "../harness/client-matrix.ts";

test("the page is what is rendered around its rows, and has one for every client", () => {
  const rows = readPage();
  expect([...rows.keys()]).toEqual(Object.keys(clients));
  expect(pageText()).toBe(renderPage(rows));
});

test("every client is proved in one file, and one only", () => {
  const files = readdirSync(import.meta.dir).filter((name) => name.endsWith(".test.ts"));
  const texts = files.map((name) => readFileSync(join(import.meta.dir, name), "utf8"));
  for (const client of Object.keys(clients)) {
    const proving = texts.filter((text) => text.includes("proving(") && text.includes(JSON.stringify(client)));
    expect(proving, client).toHaveLength(1);
  }
});
