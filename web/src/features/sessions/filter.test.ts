import { describe, expect, test } from "bun:test";
import { session } from "../../lib/test-session.ts";
import { sessionsSearch, view } from "./filter.ts";

describe("sessionsSearch", () => {
  test("keeps what it knows", () =>
    expect(sessionsSearch({ q: "a b", state: "busy" })).toEqual({ q: "a b", state: "busy" }));
  test("takes a number for text", () => expect(sessionsSearch({ q: 12 })).toEqual({ q: "12" }));
  test("drops the rest", () => expect(sessionsSearch({ q: "", state: "gone", x: 1 })).toEqual({}));
});

describe("view", () => {
  const sessions = [
    session({ title: "old live", startedAt: 1, lastActiveAt: 99 }),
    session({ title: "asleep", state: { name: "hibernated" }, lastActiveAt: 5 }),
    session({ title: "new live", startedAt: 2, lastActiveAt: 3, state: { name: "busy", since: 3 }, workspace: "docs" }),
    session({ title: "over", state: { name: "ended", reason: "closed" } }),
    session({ title: "asleep later", state: { name: "hibernated" }, lastActiveAt: 6 }),
    session({ title: "coming", startedAt: 3, state: { name: "starting" } }),
  ];
  const shown = (search: Parameters<typeof view>[1]) =>
    view(sessions, search).groups.map(({ name, sessions: inside }) => [name, inside.map(({ title }) => title)]);

  test("groups; the live ones in an order that activity does not change", () =>
    expect(shown({})).toEqual([
      ["Live", ["coming", "new live", "old live"]],
      ["Hibernated", ["asleep later", "asleep"]],
      ["Ended", ["over"]],
    ]));

  test("filters by words anywhere and by state", () => {
    expect(shown({ q: "DOCS new" })).toEqual([["Live", ["new live"]]]);
    expect(shown({ state: "live" })).toEqual([["Live", ["coming", "new live", "old live"]]]);
    expect(shown({ state: "ready" })).toEqual([["Live", ["old live"]]]);
    expect(shown({ q: "nothing" })).toEqual([]);
  });

  test("an id is found by its beginning; of what is inside it nobody thinks", () => {
    const [one] = [session({ id: "0a999991-ab19-441c-bd24-45aa9f77716d", title: "one" })];
    const found = (q: string) => view([one], { q }).counts.all;
    expect([found("0A99"), found("one 0a999991-ab19"), found("99999"), found("716d")]).toEqual([1, 1, 0, 0]);
  });

  test("counts what each state filter would show, within the text filter", () => {
    const counts = { all: 6, live: 3, busy: 1, waiting: 0, ready: 1, hibernated: 2, ended: 1 };
    expect(view(sessions, { state: "ended" }).counts).toEqual(counts);
    expect(view(sessions, { q: "asleep" }).counts).toMatchObject({ all: 2, live: 0, hibernated: 2 });
  });
});
