import { expect, test } from "bun:test";
import { contextBrief, contextShare } from "./context.ts";

test("the share is never shown as nothing where there is something, nor as more than all", () => {
  expect(contextShare({ tokens: 0, window: 200_000 })).toBe(0);
  expect(contextShare({ tokens: 10, window: 200_000 })).toBe(1);
  expect(contextShare({ tokens: 100_000, window: 200_000 })).toBe(50);
  expect(contextShare({ tokens: 210_000, window: 200_000 })).toBe(100);
  expect(contextShare({ tokens: 10 })).toBeNull();
});

test("in brief it is the share, else the tokens, else a dash", () => {
  expect(contextBrief({ tokens: 50_000, window: 200_000 })).toBe("25%");
  expect(contextBrief({ tokens: 12_345 })).toBe("12.3k");
  expect(contextBrief(undefined)).toBe("–");
});
