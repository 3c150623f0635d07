import { expect, test } from "bun:test";
import { markedEntry, sessionSearch } from "./session-search.ts";

test("the view is one that there is, or the usual one", () => {
  expect(sessionSearch({ view: "terminal", other: 1 })).toEqual({ view: "terminal" });
  expect(sessionSearch({ view: "everything" })).toEqual({});
});

test.each([
  ["entry=c01c833e-ab19-441c-bd24-45aa9f77716d", "c01c833e-ab19-441c-bd24-45aa9f77716d"],
  ["#entry=u1.2", "u1.2"],
  ["", null],
  ["token=secret", null],
  ["entry=<script>", null],
])("%p points to %p", (hash, id) => expect(markedEntry(hash)).toBe(id));
