/** The channel: in order, bounded, and nobody waits for somebody who is gone. */
import { expect, test } from "bun:test";
import { Channel } from "./channel.ts";

test("a producer waits when the channel is full and goes on when there is room", async () => {
  const channel = new Channel<number>(2);
  expect(channel.push(1)).toBeUndefined();
  const full = channel.push(2);
  expect(full).toBeInstanceOf(Promise);
  const reader = channel[Symbol.asyncIterator]();
  expect((await reader.next()).value).toBe(1);
  await full;
  channel.close();
  expect((await reader.next()).value).toBe(2);
  expect((await reader.next()).done).toBe(true);
});

test("a failure comes after what was sent before it", async () => {
  const channel = new Channel<number>(10);
  void channel.push(1);
  channel.fail(new Error("broken"));
  void channel.push(2);
  const seen: number[] = [];
  const failure = await (async () => {
    for await (const item of channel) seen.push(item);
  })().catch((error: unknown) => error);
  expect(seen).toEqual([1]);
  expect(failure).toMatchObject({ message: "broken" });
});

test("a reader who leaves wakes the producer, and what is sent later is dropped", async () => {
  const channel = new Channel<number>(1);
  const full = channel.push(1);
  for await (const item of channel) {
    expect(item).toBe(1);
    break;
  }
  await full;
  expect(channel.push(2)).toBeUndefined();
});
