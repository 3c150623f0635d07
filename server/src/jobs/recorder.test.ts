/** What is written down of a job while it runs, when, and how much of it. */
import { expect, test } from "bun:test";
import type { SessionEvent } from "../sessions/index.ts";
import { openDatabase } from "../store/database.ts";
import { JobEventStore } from "../store/job-event-store.ts";
import { JobStore } from "../store/job-store.ts";
import { outputCapacity, Recorder } from "./recorder.ts";
import { ManualClock } from "./testing/manual-clock.ts";

function setUp() {
  const database = openDatabase(":memory:");
  const store = new JobEventStore(database);
  const { seq } = new JobStore(database).add({
    id: "j",
    kind: "job",
    state: "running",
    workspace: "",
    title: "",
    spec: "{}",
    metadata: null,
    callbackUrl: null,
    requeue: false,
    createdAt: 0,
    owner: null,
  });
  const clock = new ManualClock();
  const failures: unknown[] = [];
  let told = 0;
  const recorder = new Recorder(seq, {
    store,
    clock,
    onEvent: () => told++,
    onFailure: (error) => failures.push(error),
  });
  return { recorder, store, seq, clock, database, failures, told: () => told };
}

const word = (text: string): SessionEvent => ({ type: "block_delta", index: 0, delta: { type: "text", text } });

test("words are gathered for a moment, and written before anything else is", async () => {
  const { recorder, store, seq, clock, told } = setUp();
  recorder.push(word("a"));
  recorder.push(word("b"));
  expect(store.after(seq, 0, 10)).toEqual([]);
  await clock.advance(100);
  expect(store.after(seq, 0, 10)).toEqual([{ id: 1, type: "output", data: '{"text":"ab"}' }]);
  recorder.push(word("c"));
  recorder.write("status", { status: "completed" });
  expect(store.after(seq, 1, 10).map(({ type, data }) => [type, data])).toEqual([
    ["output", '{"text":"c"}'],
    ["status", '{"status":"completed"}'],
  ]);
  recorder.push(word("d"));
  recorder[Symbol.dispose]();
  expect(clock.timers).toBe(0);
  expect(recorder.output).toBe("abcd");
  expect(told()).toBe(4);
});

test("the words of two messages do not run together", () => {
  const { recorder } = setUp();
  for (const text of ["one", "two"]) {
    recorder.push({ type: "block_start", index: 0, block: { type: "text" } });
    recorder.push(word(text));
  }
  recorder[Symbol.dispose]();
  expect(recorder.output).toBe("one\n\ntwo");
});

test("a long input of a tool is shown in part", () => {
  const { recorder, store, seq } = setUp();
  const call = (input: unknown): SessionEvent => ({
    type: "assistant",
    uuid: "u",
    content: [{ type: "tool_use", id: "t", name: "Write", input }],
  });
  recorder.push(call({ a: 1 }));
  recorder.push(call({ a: "x".repeat(100_000) }));
  const [short, long] = store.after(seq, 0, 10).map(({ data }) => JSON.parse(data) as Record<string, string>);
  expect(short).toEqual({ id: "t", name: "Write", input: { a: 1 } as never });
  expect(long?.["input_text"]?.length).toBeLessThan(17_000);
});

test("of very much only the latest is kept", () => {
  const { recorder, store, seq } = setUp();
  for (let i = 0; i < 700; i++) recorder.push(word("x".repeat(20_000)));
  recorder[Symbol.dispose]();
  const kept = store.after(seq, 0, 10_000);
  expect(kept[0]?.id).toBeGreaterThan(1);
  expect(kept.at(-1)?.id).toBe(700);
  expect(kept.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(recorder.output).toHaveLength(outputCapacity);
});

test("a database that fails does not end the job", () => {
  const { recorder, database, failures } = setUp();
  database.close();
  recorder.write("status", { status: "running" });
  expect(failures).toHaveLength(1);
});
