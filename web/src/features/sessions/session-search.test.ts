import { expect, test } from "bun:test";
import { markedEntry, sessionSearch } from "./session-search.ts";

test("the view is one that there is, or the usual one", () => {
  expect(sessionSearch({ view: "terminal", other: 1 })).toEqual({ view: "terminal" });
  expect(sessionSearch({ view: "everything" })).toEqual({});
});

test("a moment is a whole number of milliseconds, or none", () => {
  expect(sessionSearch({ at: 1790000000000 })).toEqual({ at: 1790000000000 });
  expect(sessionSearch({ at: "1790000000000" })).toEqual({ at: 1790000000000 });
  for (const at of ["yesterday", -1, 0, 1.5, null, undefined, Number.NaN]) expect(sessionSearch({ at })).toEqual({});
});

test.each([
  ["entry=c01c833e-ab19-441c-bd24-45aa9f77716d", "c01c833e-ab19-441c-bd24-45aa9f77716d"],
  ["#entry=u1.2", "u1.2"],
  ["", null],
  ["token=secret", null],
  ["entry=<script>", null],
])("%p points to %p", (hash, id) => expect(markedEntry(hash)).toBe(id));
