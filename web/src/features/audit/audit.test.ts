import { expect, test } from "bun:test";
import { actionsOf, auditAction } from "@lodge/shared";
import { auditSearch } from "./search.ts";
import { entryWords } from "./words.ts";

test("what was done is said with what it was done to, and of typing how much it was", () => {
  expect(entryWords({ action: "key_revoked", bytes: null, detail: "ci" })).toBe("revoked an API key: ci");
  expect(entryWords({ action: "typed", bytes: 1400, detail: null })).toBe("typed 1.4 kB");
  expect(entryWords({ action: "left", bytes: null, detail: null })).toBe("left the terminal");
});

test("every action is of some kind, so that each can be looked for", () => {
  const found = new Set(Object.values(actionsOf).flat());
  expect(auditAction.options.filter((action) => !found.has(action))).toEqual([]);
});

test("an address says only what is looked for", () => {
  expect(auditSearch({ who: "", kind: "constructor", other: 1 })).toEqual({});
  expect(auditSearch({ who: 127, kind: "keys", session: "s" })).toEqual({ who: "127", kind: "keys", session: "s" });
});
