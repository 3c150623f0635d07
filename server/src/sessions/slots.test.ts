/** Slots: bounded, fair, and never lost. */
import { expect, test } from "bun:test";
import { Slots } from "./slots.ts";
import { Turnstile } from "./turnstile.ts";

const nothing = () => {};

test("first come, first served", async () => {
  const slots = new Slots(1, 10);
  const first = await slots.acquire(undefined, nothing);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (name) => {
    const slot = await slots.acquire(undefined, nothing);
    order.push(name);
    slot.release();
  });
  first.release();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
});

test("a place in line that is given up is not served", async () => {
  const slots = new Slots(1, 10);
  const first = await slots.acquire(undefined, nothing);
  const controller = new AbortController();
  const left = slots.acquire(controller.signal, nothing).catch((error: unknown) => error);
  const next = slots.acquire(undefined, nothing);
  controller.abort();
  expect(await left).toMatchObject({ kind: "aborted" });
  first.release();
  (await next).release();
  expect(slots.free).toBe(true);
});

test("the line is bounded", async () => {
  const slots = new Slots(1, 1);
  await slots.acquire(undefined, nothing);
  void slots.acquire(undefined, nothing);
  expect(await slots.acquire(undefined, nothing).catch((error: unknown) => error)).toMatchObject({
    kind: "queue_full",
  });
});

test("releasing twice gives back one slot", async () => {
  const slots = new Slots(2, 1);
  const one = await slots.acquire(undefined, nothing);
  await slots.acquire(undefined, nothing);
  one.release();
  one.release();
  await slots.acquire(undefined, nothing);
  expect(slots.free).toBe(false);
});

test("a turnstile lets one in at a time for each key, in order, and others past", async () => {
  const turnstile = new Turnstile(10);
  const leave = await turnstile.enter("a");
  const order: string[] = [];
  const second = turnstile.enter("a").then((go) => {
    order.push("second");
    go();
  });
  (await turnstile.enter("b"))();
  order.push("other");
  leave();
  await second;
  expect(order).toEqual(["other", "second"]);
});

test("who gives up waiting at a turnstile does not hold up those behind", async () => {
  const turnstile = new Turnstile(10);
  const leave = await turnstile.enter("a");
  const controller = new AbortController();
  const left = turnstile.enter("a", controller.signal).catch((error: unknown) => error);
  const third = turnstile.enter("a");
  controller.abort();
  expect(await left).toMatchObject({ kind: "aborted" });
  leave();
  (await third)();
});

test("a turnstile without a line refuses", async () => {
  const turnstile = new Turnstile(0);
  await turnstile.enter("a");
  expect(await turnstile.enter("a").catch((error: unknown) => error)).toMatchObject({ kind: "session_busy" });
});
