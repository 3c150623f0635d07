/** Responses as they are kept: conversations put together again, and what is forgotten when. */
import { describe, expect, test } from "bun:test";
import { openDatabase } from "./database.ts";
import { ResponseStore } from "./response-store.ts";

const endless = { endedBefore: 0, maxCount: 1000, maxSize: 1_000_000 };

function setUp() {
  const store = new ResponseStore(openDatabase(":memory:"));
  /** One that is over, with an item of its name on each side. */
  const add = (id: string, previous: string | null, endedAt: number, size = 1) => {
    const seq = store.add({ id, previous, status: "queued", background: true, head: "{}", owner: null }, [
      { id: `in-${id}`, data: "i".repeat(size) },
    ]);
    store.end(seq, { status: "completed", head: "{}", output: [{ id: `out-${id}`, data: "o" }], endedAt });
    return seq;
  };
  const left = (...ids: string[]) => ids.filter((id) => store.get(id) !== null);
  return { store, add, left };
}

describe("a conversation", () => {
  test("is put together from its beginning, each branch by itself", () => {
    const { store, add } = setUp();
    add("a", null, 1);
    add("b", "a", 2);
    add("c", "b", 3);
    add("d", "a", 4);
    const idsOf = (id: string) => store.conversation(id)?.map((item) => item.id);
    expect(idsOf("c")).toEqual(["in-a", "out-a", "in-b", "out-b", "in-c", "out-c"]);
    expect(idsOf("d")).toEqual(["in-a", "out-a", "in-d", "out-d"]);
  });

  test("is none when a part of it is gone", () => {
    const { store, add } = setUp();
    add("a", null, 1);
    add("b", "a", 2);
    add("c", "b", 3);
    expect(store.delete("a")).toBe(true);
    expect(store.delete("a")).toBe(false);
    expect(store.conversation("c")).toBeNull();
    expect(store.conversation("a")).toBeNull();
  });
});

test("one that is deleted before its end stays deleted", () => {
  const { store } = setUp();
  const seq = store.add({ id: "a", previous: null, status: "queued", background: true, head: "{}", owner: null }, []);
  store.delete("a");
  store.end(seq, { status: "completed", head: "{}", output: [{ id: "x", data: "x" }], endedAt: 1 });
  expect(store.get("a")).toBeNull();
  expect(store.item("x", null)).toBeNull();
});

test("an item is found by those whose it is, and by the server's own token", () => {
  const { store, add } = setUp();
  add("a", null, 1);
  const item = { id: "x", data: "x" };
  store.add({ id: "b", previous: null, status: "queued", background: true, head: "{}", owner: "key_1" }, [item]);
  expect(store.item("x", "key_1")).toEqual(item);
  expect(store.item("x", null)).toEqual(item);
  expect(store.item("x", "key_2")).toBeNull();
  expect(store.item("in-a", "key_1")).toBeNull();
});

describe("forgetting", () => {
  test("by age leaves what is not over, and the beginning of what is still gone on from", () => {
    const { store, add, left } = setUp();
    add("old", null, 10);
    add("beginning", null, 10);
    add("young", "beginning", 100);
    add("a", null, 10);
    add("b", "a", 20);
    store.add({ id: "running", previous: null, status: "in_progress", background: true, head: "{}", owner: null }, []);
    store.forget({ ...endless, endedBefore: 50 });
    expect(left("old", "beginning", "young", "a", "b", "running")).toEqual(["beginning", "young", "running"]);
    expect(store.item("in-old", null)).toBeNull();
    expect(store.item("in-beginning", null)).not.toBeNull();
    store.forget({ ...endless, endedBefore: 101 });
    expect(left("beginning", "young", "running")).toEqual(["running"]);
  });

  test("by number and by size takes the oldest", () => {
    const { store, add, left } = setUp();
    add("a", null, 1);
    add("b", null, 2);
    add("c", null, 3);
    store.forget({ ...endless, maxCount: 2 });
    expect(left("a", "b", "c")).toEqual(["b", "c"]);
    add("big", null, 4, 5000);
    add("last", null, 5);
    store.forget({ ...endless, maxSize: 100 });
    expect(left("b", "c", "big", "last")).toEqual(["last"]);
    store.forget({ ...endless, maxSize: 100 });
    expect(left("last")).toEqual(["last"]);
  });

  test("counts the events, and no longer those that went before", () => {
    const { store, add, left } = setUp();
    const seq = add("a", null, 1);
    const event = (id: number) => ({ id, type: "x", data: "e".repeat(1000) });
    store.addEvents(seq, [event(0), event(1), event(2)]);
    store.forgetEvents(seq, 1);
    expect([store.firstEvent(seq), store.lastEvent(seq)]).toEqual([2, 2]);
    store.forget({ ...endless, maxSize: 1100 });
    expect(left("a")).toEqual(["a"]);
    store.forget({ ...endless, maxSize: 900 });
    expect(left("a")).toEqual([]);
  });
});
