/** Where a call and its result meet. */
import { expect, test } from "bun:test";
import { HeldCalls } from "./held-calls.ts";

const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
const { signal } = new AbortController();

test("whichever comes first", async () => {
  const calls = new HeldCalls();
  const first = calls.arrive("a", signal);
  expect(calls.waiting).toBe(1);
  calls.answer("a", text("A"));
  calls.answer("b", text("B"));
  expect(await first).toEqual(text("A"));
  expect(await calls.arrive("b", signal)).toEqual(text("B"));
  expect(calls.waiting).toBe(0);
});

test("a call takes its first answer, and a later one is for no other turn's call", async () => {
  const calls = new HeldCalls();
  const call = calls.arrive("a", signal);
  calls.answer("a", text("first"));
  calls.answer("a", text("second"));
  expect(await call).toEqual(text("first"));
  calls.clear();
  const later = calls.arrive("a", signal);
  calls.answer("a", text("third"));
  expect(await later).toEqual(text("third"));
});

test("a call that the CLI gives up, or whose turn is over, waits no longer", async () => {
  const calls = new HeldCalls();
  const giving = new AbortController();
  const [given, left] = [calls.arrive("a", giving.signal), calls.arrive("b", signal)];
  giving.abort();
  expect(await given).toMatchObject({ isError: true });
  calls.clear();
  expect(await left).toMatchObject({ isError: true });
  expect(calls.waiting).toBe(0);
});
