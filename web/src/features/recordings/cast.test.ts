import { describe, expect, test } from "bun:test";
import type { RecordingSummary } from "@lodge/shared";
import { CastClock, cutStart, marksOf, playTime } from "./cast.ts";
import { recordingAt } from "./moments.ts";

const header = '{"version":2,"width":80,"height":24,"timestamp":1790000000}';

test("marks are found, and nothing that only looks like one", () => {
  const cast = [
    header,
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

describe("the clock of a recording", () => {
  // Pauses of 10 s and of 60 s, of which the player leaves two each.
  const times = [0.5, 1, 11, 12, 72, 73];
  const cast = [header, ...times.map((time) => `[${time.toFixed(3)}, "o", "x"]`), ""].join("\n");
  const clock = new CastClock(cast, 1_000_000, 2);

  test.each([
    [0, 0],
    [1, 1],
    [2, 2],
    // In the midst of a pause, and at its end.
    [8, 3],
    [11, 3],
    [12, 4],
    [40, 6],
    [72, 6],
    [72.5, 6.5],
    [73, 7],
    // Before the beginning, and after the end.
    [-5, 0],
    [900, 7],
  ])("second %p is the player's %p", (real, played) =>
    expect(clock.secondsAt(1_000_000 + real * 1000)).toBeCloseTo(played),
  );

  test.each(times)("and back, at second %p", (real) =>
    expect(clock.momentAt(clock.secondsAt(1_000_000 + real * 1000))).toBeCloseTo(1_000_000 + real * 1000),
  );

  test("knows its end, and where one begins whose first part is gone", () => {
    expect(clock.end).toBe(1_073_000);
    expect(cutStart(cast)).toBe(1_790_000_000_000);
  });
});

describe("the recording of a moment", () => {
  const recording = (id: string, startedAt: number, durationMs: number, isOver = true) =>
    ({ id, startedAt, durationMs, endedAt: isOver ? startedAt + durationMs : null }) as RecordingSummary;
  const all = [
    recording("live", 900_000, 1000, false),
    recording("b", 500_000, 60_000),
    recording("a", 100_000, 60_000),
  ];
  test.each([
    [99_000, undefined],
    [100_000, "a"],
    [163_000, "a"],
    // Neither the one that was over long ago, nor the one that had not begun.
    [400_000, undefined],
    [510_000, "b"],
    [2_000_000, "live"],
  ])("at %p is %p", (moment, id) => expect(recordingAt(all, moment)?.id).toBe(id as never));
});
