import { describe, expect, test } from "bun:test";
import { takeToken, tokenIn } from "./token-fragment.ts";

describe("tokenIn", () => {
  test.each([
    ["#token=abc", "abc"],
    ["#x=1&token=abc&y=2", "abc"],
    ["#token=a%2Bb%3D", "a+b="],
    ["#token=a+b", "a+b"],
    ["#token=100%", "100%"],
    ["#token=a=b", "a=b"],
  ])("%s holds %s", (fragment, token) => expect(tokenIn(fragment)).toBe(token));

  test.each(["", "#", "#token=", "#top", "#mytoken=abc"])("%p holds none", (fragment) =>
    expect(tokenIn(fragment)).toBeNull(),
  );
});

function take(hash: string) {
  const calls: unknown[][] = [];
  const history = { state: { key: 7 }, replaceState: (...args: unknown[]) => void calls.push(args) };
  return { token: takeToken({ hash, pathname: "/sessions", search: "?q=a" }, history), calls };
}

describe("takeToken", () => {
  test("removes the fragment and keeps path, search and history state", () =>
    expect(take("#token=abc")).toEqual({ token: "abc", calls: [[{ key: 7 }, "", "/sessions?q=a"]] }));

  test("removes an empty token too", () => {
    const { token, calls } = take("#token=");
    expect(token).toBeNull();
    expect(calls).toHaveLength(1);
  });

  test("leaves any other fragment alone", () => expect(take("#top")).toEqual({ token: null, calls: [] }));
});
