import { expect, test } from "bun:test";
import { shortcutFor, shortcuts } from "./shortcuts.ts";

const at = (key: string, time = 0) => ({ key, at: time });

test("single keys", () => {
  expect(shortcutFor(at("/"), null)).toEqual({ type: "filter" });
  expect(shortcutFor(at("?"), at("x"))).toEqual({ type: "help" });
  expect(shortcutFor(at("g"), null)).toBeNull();
});

test("pairs, when the second key follows soon", () => {
  expect(shortcutFor(at("s", 900), at("g"))).toEqual({ type: "go", to: "/sessions" });
  expect(shortcutFor(at("w", 900), at("g"))).toEqual({ type: "go", to: "/workspaces" });
  expect(shortcutFor(at("s", 1100), at("g"))).toBeNull();
  expect(shortcutFor(at("s"), at("x"))).toBeNull();
  expect(shortcutFor(at("s"), null)).toBeNull();
});

test("a key that means something alone means something else as the second of a pair", () => {
  expect(shortcutFor(at("j"), null)).toEqual({ type: "next" });
  expect(shortcutFor(at("j", 900), at("g"))).toEqual({ type: "go", to: "/work" });
  expect(shortcutFor(at("j", 900), at("n"))).toEqual({ type: "new_job" });
  expect(shortcutFor(at("j", 1100), at("g"))).toEqual({ type: "next" });
});

test("no two of them are the same keys", () => {
  expect(new Set(shortcuts.map(({ keys }) => keys.join(" "))).size).toBe(shortcuts.length);
});
