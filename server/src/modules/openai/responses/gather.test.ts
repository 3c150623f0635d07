/** What is put together, what is not, and when it goes on. */
import { expect, test } from "bun:test";
import { ManualClock } from "../../../jobs/testing/manual-clock.ts";
import type { BlockDelta, ReplyEvent } from "../../../sessions/index.ts";
import { Gatherer } from "./gather.ts";

const delta = (index: number, piece: BlockDelta): ReplyEvent => ({ type: "block_delta", index, delta: piece });
const text = (index: number, words: string) => delta(index, { type: "text", text: words });
const stop: ReplyEvent = { type: "block_stop", index: 0 };

test("pieces of one kind and one block go on together, after a tenth of a second or before something else", async () => {
  const clock = new ManualClock();
  const out: ReplyEvent[] = [];
  using gatherer = new Gatherer(clock, (event) => out.push(event));
  gatherer.push(text(0, "a"));
  gatherer.push(text(0, "b"));
  await clock.advance(99);
  expect(out).toEqual([]);
  await clock.advance(1);
  expect(out.splice(0)).toEqual([text(0, "ab")]);
  const pieces = [
    text(0, "c"),
    text(1, "d"),
    delta(1, { type: "thinking", thinking: "e" }),
    delta(1, { type: "thinking", thinking: "f" }),
    delta(1, { type: "signature", signature: "g" }),
    delta(1, { type: "input_json", json: "h" }),
    delta(1, { type: "input_json", json: "i" }),
    stop,
  ];
  for (const piece of pieces) gatherer.push(piece);
  expect(out).toEqual([
    text(0, "c"),
    text(1, "d"),
    delta(1, { type: "thinking", thinking: "ef" }),
    delta(1, { type: "signature", signature: "g" }),
    delta(1, { type: "input_json", json: "hi" }),
    stop,
  ]);
  expect(clock.timers).toBe(0);
});
