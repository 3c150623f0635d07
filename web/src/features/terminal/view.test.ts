import { describe, expect, test } from "bun:test";
import { fontSizeFor } from "./fit.ts";
import { keySequence, withCtrl } from "./keys.ts";
import { parsePreferences } from "./preferences.ts";
import { isReport } from "./reports.ts";
import { otherInControl, unknownTerminal } from "./view.ts";

test("who holds the control is somebody else, or nobody", () => {
  const viewer = { id: "1", role: "control" as const, name: "Ann", since: 1, rttMs: null };
  expect(otherInControl({ ...unknownTerminal, viewers: [viewer], viewerId: "2" })).toBe(viewer);
  expect(otherInControl({ ...unknownTerminal, viewers: [viewer], viewerId: "1" })).toBeNull();
  expect(otherInControl({ ...unknownTerminal, viewers: [{ ...viewer, role: "viewer" }] })).toBeNull();
});

test("letters are as small as they must be, and no larger than wanted", () => {
  expect(fontSizeFor(13, { cols: 80, rows: 24 }, { cols: 80, rows: 24 })).toBe(13);
  expect(fontSizeFor(13, { cols: 200, rows: 60 }, { cols: 80, rows: 24 })).toBe(13);
  expect(fontSizeFor(13, { cols: 40, rows: 60 }, { cols: 80, rows: 24 })).toBe(6.5);
  expect(fontSizeFor(13, { cols: 80, rows: 17 }, { cols: 80, rows: 24 })).toBe(9);
  expect(fontSizeFor(13, { cols: 2, rows: 2 }, { cols: 500, rows: 300 })).toBe(3);
});

describe("keys", () => {
  test("follow the program's mode", () => {
    expect(keySequence("↑", false)).toBe("\u001b[A");
    expect(keySequence("←", true)).toBe("\u001bOD");
    expect([keySequence("Esc", false), keySequence("Tab", true), keySequence("Enter", false)]).toEqual([
      "\u001b",
      "\t",
      "\r",
    ]);
  });

  test.each([
    ["c", "\u0003"],
    ["C", "\u0003"],
    ["[", "\u001b"],
    [" ", "\0"],
    ["1", "1"],
    ["word", "word"],
  ])("Ctrl makes %p %p", (typed, code) => expect(withCtrl(typed)).toBe(code));
});

test.each([
  ["\u001b[I", true],
  ["\u001b[O", true],
  ["\u001b[<35;10;20M\u001b[<35;11;20M", true],
  ["\u001b[M !!", true],
  ["\u001b[A", false],
  ["\u001b", false],
  ["I", false],
  ["\u001b[Ix", false],
])("%j is the emulator's own report: %p", (text, is) => expect(isReport(text)).toBe(is));

test.each([undefined, "", "nonsense", "[]", '{"fontSize":"huge"}', '{"fontSize":900}', '{"renderer":"pen"}'])(
  "%p is the usual look",
  (text) =>
    expect(parsePreferences(text)).toEqual({
      fontSize: 13,
      screenReader: false,
      isFitted: true,
      name: "",
      renderer: "auto",
    }),
);

test("what was chosen stays", () =>
  expect(
    parsePreferences('{"fontSize":20,"screenReader":true,"isFitted":false,"name":"Ada","renderer":"dom"}'),
  ).toEqual({
    fontSize: 20,
    screenReader: true,
    isFitted: false,
    name: "Ada",
    renderer: "dom",
  }));
