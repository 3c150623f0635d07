// The ring against a list of everything that was ever written.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Ring, type StreamEvent } from "./ring.ts";

/** Small enough to be gone round many times, and larger than the memory it begins with. */
const capacity = 40_000;
const step = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 9000 }).map((length) => ({ type: "write" as const, length })) },
  { weight: 1, arbitrary: fc.constant({ type: "write" as const, length: 90_000 }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("resize" as const), cols: fc.nat(200), rows: fc.nat(90) }) },
);

type Place = number | { cols: number; rows: number };

/** All that it has from an offset on, a place of the stream each. */
function placesFrom(ring: Ring, from: number, maxBytes: number): Place[] {
  const places: Place[] = [];
  for (let event: StreamEvent | null; (event = ring.at(from + places.length, maxBytes));) {
    expect(event.offset).toBe(from + places.length);
    if (event.type === "resize") places.push({ cols: event.cols, rows: event.rows });
    else {
      expect(event.bytes.length).toBeWithin(1, maxBytes + 1);
      for (const byte of event.bytes) places.push(byte);
    }
  }
  return places;
}

test("what it reaches is what was written, byte for byte and in its order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 70_000 }), (steps, maxBytes) => {
      const ring = new Ring(capacity);
      const all: Place[] = [];
      for (const each of steps) {
        if (each.type === "resize") {
          ring.resize(each);
          all.push({ cols: each.cols, rows: each.rows });
          continue;
        }
        const bytes = Uint8Array.from({ length: each.length }, (_, at) => (all.length + at) % 251);
        ring.write(bytes);
        for (const byte of bytes) all.push(byte);
      }
      expect(ring.end).toBe(all.length);
      expect(ring.start).toBe(Math.max(0, all.length - capacity));
      expect(ring.reaches(ring.start)).toBe(true);
      expect(ring.reaches(ring.start - 1)).toBe(false);
      expect(ring.reaches(ring.end + 1)).toBe(false);
      expect(Bun.deepEquals(placesFrom(ring, ring.start, maxBytes), all.slice(ring.start))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("changes of size are bounded too", () => {
  const ring = new Ring(capacity);
  for (let size = 1; size <= 2000; size++) ring.resize({ cols: size, rows: size });
  expect(ring.end - ring.start).toBe(capacity / 64);
  expect(ring.at(ring.start, 1)).toMatchObject({ cols: 2000 - capacity / 64 + 1 });
  expect(ring.at(ring.end - 1, 1)).toMatchObject({ cols: 2000 });
});
