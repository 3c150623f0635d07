// What is written can be read: the lines against JSON's own words for them.
import { expect, test } from "bun:test";
import { StringDecoder } from "node:string_decoder";
import fc from "fast-check";
import { EventEncoder, type RecordedEvent } from "./event-encoder.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
  // Larger than an event, and than the memory that it is written with.
  fc
    .integer({ min: 10_000, max: 60_000 })
    .map((length) => new TextEncoder().encode('\u001b["漢\\👍'.repeat(length / 12))),
);

/** The lines as they are on disk: a piece is only good until the next one. */
function linesOf(encoder: EventEncoder, events: readonly RecordedEvent[]): unknown[][] {
  const pieces = Array.from(encoder.encode(events), (piece) => Buffer.from(piece));
  const text = Buffer.concat(pieces).toString();
  return text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown[]);
}

test("output comes back as the text that it was, wherever it was cut", () => {
  fc.assert(
    fc.property(fc.array(fc.array(bytes, { maxLength: 6 }), { maxLength: 4 }), (batches) => {
      const encoder = new EventEncoder();
      const decoder = new StringDecoder("utf8");
      let [written, expected] = ["", ""];
      for (const batch of batches) {
        const lines = linesOf(
          encoder,
          batch.map((each) => ({ type: "output", at: 1500, bytes: each })),
        );
        for (const [time, code, data] of lines) {
          expect([time, code]).toEqual([1.5, "o"]);
          written += String(data);
        }
        for (const each of batch) expected += decoder.write(Buffer.from(each));
      }
      // Which of them holds back more of what is no UTF-8 at the very end is of no account.
      const end = Math.max(0, expected.length - 4);
      expect(written.slice(0, end)).toBe(expected.slice(0, end));
      expect(Math.abs(written.length - expected.length)).toBeLessThanOrEqual(3);
    }),
    { numRuns: 200 },
  );
});

test("the rest is as it is in every recording", () => {
  const lines = linesOf(new EventEncoder(), [
    { type: "input", at: 0, bytes: Buffer.from("ls\r") },
    { type: "resize", at: 20, size: { cols: 80, rows: 24 } },
    { type: "mark", at: 61_234, text: 'the "first" turn' },
    { type: "output", at: 61_235, bytes: Buffer.alloc(0) },
  ]);
  expect(lines).toEqual([
    [0, "i", "ls\r"],
    [0.02, "r", "80x24"],
    [61.234, "m", 'the "first" turn'],
  ]);
});
