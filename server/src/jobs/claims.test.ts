/** Claims: one alone or several together, never both, and nothing left behind. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Claim, Claims } from "./claims.ts";

describe("a workspace", () => {
  test("is one's alone, until that one is through", () => {
    const claims = new Claims();
    const claim = claims.exclusive("a");
    expect(claim).not.toBeNull();
    expect(claims.exclusive("a")).toBeNull();
    expect(claims.shared("a", 10)).toBeNull();
    expect(claims.exclusive("a/b")).not.toBeNull();
    expect(claims.busy).toEqual(["a", "a/b"]);
    claim?.[Symbol.dispose]();
    claim?.[Symbol.dispose]();
    expect(claims.busy).toEqual(["a/b"]);
    expect(claims.exclusive("a")).not.toBeNull();
  });

  test("is shared up to a limit, and then not had alone", () => {
    const claims = new Claims();
    const [first, second] = [claims.shared("a", 2), claims.shared("a", 2)];
    expect(first && second).not.toBeNull();
    expect(claims.canShare("a", 2)).toBe(false);
    expect(claims.shared("a", 2)).toBeNull();
    first?.[Symbol.dispose]();
    expect(claims.exclusive("a")).toBeNull();
    expect(claims.canShare("a", 2)).toBe(true);
    second?.[Symbol.dispose]();
    expect(claims.exclusive("a")).not.toBeNull();
  });

  test("comes with what its name stands for, or not at all", () => {
    const released: string[] = [];
    const claims = new Claims((name) => released.push(name));
    const link = claims.exclusive("link")!;
    const other = claims.exclusive("other")!;
    expect(link.also("link")).toBe(true);
    expect(link.also("real")).toBe(true);
    expect(other.also("real")).toBe(false);
    link[Symbol.dispose]();
    expect(released).toEqual(["link", "real"]);
    expect(other.also("real")).toBe(true);
    other[Symbol.dispose]();
    expect(other.also("late")).toBe(false);
    expect(claims.busy).toEqual([]);
  });
});

const action = fc.record({
  type: fc.constantFrom("exclusive", "shared", "also", "release", "release twice"),
  workspace: fc.constantFrom("a", "b", "c"),
  whose: fc.nat(20),
});

test("whatever happens, no workspace is both alone and shared, nor by more than may, and in the end all are free", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (actions, limit) => {
      const claims = new Claims();
      const held: { claim: Claim; alone: boolean; names: Set<string> }[] = [];
      const holders = (name: string) => held.filter(({ names }) => names.has(name));
      for (const { type, workspace, whose } of actions) {
        const before = holders(workspace);
        const free = before.length === 0;
        const mayShare = before.every(({ alone }) => !alone) && before.length < limit;
        const mine = held[whose % Math.max(1, held.length)];
        if (type === "exclusive" || type === "shared") {
          const alone = type === "exclusive";
          const claim = alone ? claims.exclusive(workspace) : claims.shared(workspace, limit);
          expect(claim !== null).toBe(alone ? free : mayShare);
          if (claim) held.push({ claim, alone, names: new Set([workspace]) });
        } else if (type === "also" && mine) {
          const expected = mine.names.has(workspace) || (mine.alone ? free : mayShare);
          expect(mine.claim.also(workspace)).toBe(expected);
          if (expected) mine.names.add(workspace);
        } else if (mine) {
          mine.claim[Symbol.dispose]();
          if (type === "release twice") mine.claim[Symbol.dispose]();
          held.splice(held.indexOf(mine), 1);
        }
        expect(new Set(claims.busy)).toEqual(new Set(held.flatMap(({ names }) => [...names])));
      }
      for (const { claim } of held) claim[Symbol.dispose]();
      expect(claims.busy).toEqual([]);
    }),
  );
});
