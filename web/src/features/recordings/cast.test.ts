import { expect, test } from "bun:test";
import { marksOf, playTime } from "./cast.ts";

test("marks are found, and nothing that only looks like one", () => {
  const cast = [
    '{"version":2,"width":80,"height":24}',
    '[0.100, "m", "first"]',
    String.raw`[1.000, "o", "[2.0, \"m\", \"not this\"]"]`,
    String.raw`[12.345, "m", "say \"hello\", \\o/"]`,
    "",
  ].join("\n");
  expect(marksOf(cast)).toEqual([
    { at: 0.1, text: "first" },
    { at: 12.345, text: String.raw`say "hello", \o/` },
  ]);
});

test.each([
  [0, "0:00"],
  [7.9, "0:07"],
  [750, "12:30"],
  [3725, "1:02:05"],
])("%p seconds are %p", (seconds, text) => expect(playTime(seconds)).toBe(text));
