import { expect, test } from "bun:test";
import { seededConfig } from "./first-run.ts";

const seed = { configDir: "/c", apiKey: "sk-0123456789abcdefghijklmnop", trusted: ["/w"] };

test("an empty folder gets all of it", () => {
  expect(JSON.parse(seededConfig("", seed))).toEqual({
    hasCompletedOnboarding: true,
    theme: "dark",
    bypassPermissionsModeAccepted: true,
    customApiKeyResponses: { approved: ["6789abcdefghijklmnop"], rejected: [] },
    projects: { "/w": { hasTrustDialogAccepted: true } },
  });
});

test("what is there stays", () => {
  const before = JSON.stringify({
    theme: "light",
    numStartups: 7,
    customApiKeyResponses: { approved: ["other"], rejected: ["6789abcdefghijklmnop"] },
    projects: { "/w": { lastCost: 1 }, "/v": { lastCost: 2 } },
  });
  expect(JSON.parse(seededConfig(before, seed))).toMatchObject({
    theme: "light",
    numStartups: 7,
    customApiKeyResponses: { approved: ["other", "6789abcdefghijklmnop"], rejected: [] },
    projects: { "/w": { lastCost: 1, hasTrustDialogAccepted: true }, "/v": { lastCost: 2 } },
  });
});

test("several folders are trusted, each once", () => {
  const both = seededConfig("", { ...seed, trusted: ["/w", "/v", "/w"] });
  expect(Object.keys(JSON.parse(both).projects)).toEqual(["/w", "/v"]);
});

test("nothing is written where nothing is missing", () => {
  const once = seededConfig("", seed);
  expect(seededConfig(once, seed)).toBe(once);
});

test("no trust, no key: neither is claimed", () => {
  const config = JSON.parse(seededConfig("not json", { ...seed, apiKey: undefined, trusted: [] }));
  expect(config).not.toHaveProperty("projects");
  expect(config).not.toHaveProperty("customApiKeyResponses");
});
