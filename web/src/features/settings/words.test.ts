import { expect, test } from "bun:test";
import { dayOf, endOfDay } from "./days.ts";
import { limitWords, sourceWords, workspaceWords } from "./words.ts";

test("limits are said as far as there are any", () => {
  expect(limitWords({ requestsPerMinute: null, usdPerDay: null })).toBe("none");
  expect(limitWords({ requestsPerMinute: 1200, usdPerDay: null })).toBe("1,200 requests a minute");
  expect(limitWords({ requestsPerMinute: 60, usdPerDay: 0.5 })).toBe("60 requests a minute, $0.50 a day");
});

test("many workspaces are counted", () => {
  expect(workspaceWords(null)).toBe("all");
  expect(workspaceWords(["a", "b"])).toBe("a, b");
  expect(workspaceWords(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});

test("a setting's source names the older variable", () => {
  expect(sourceWords({ type: "alias", name: "API_BEARER_TOKEN" })).toBe("environment, as API_BEARER_TOKEN");
});

test("a key is good until the end of the day that was chosen, and the day can be read back", () => {
  const at = endOfDay("2026-11-21")!;
  expect(new Date(at).getDate()).toBe(21);
  expect(new Date(at + 1).getDate()).toBe(22);
  expect(dayOf(at)).toBe("2026-11-21");
  expect(dayOf(null)).toBe("");
  expect(endOfDay("")).toBeNull();
  expect(endOfDay("2026-13-77")).toBeNull();
});
