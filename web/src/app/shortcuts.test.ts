import { expect, test } from "bun:test";
import { shortcutFor } from "./shortcuts.ts";

const at = (key: string, time = 0) => ({ key, at: time });

test("single keys", () => {
  expect(shortcutFor(at("/"), null)).toBe("filter");
  expect(shortcutFor(at("?"), at("x"))).toBe("help");
  expect(shortcutFor(at("g"), null)).toBeNull();
});

test("pairs, when the second key follows soon", () => {
  expect(shortcutFor(at("s", 900), at("g"))).toBe("sessions");
  expect(shortcutFor(at("w", 900), at("g"))).toBe("workspaces");
  expect(shortcutFor(at("s", 1100), at("g"))).toBeNull();
  expect(shortcutFor(at("s"), at("x"))).toBeNull();
  expect(shortcutFor(at("s"), null)).toBeNull();
});
