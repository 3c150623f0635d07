import { describe, expect, test } from "bun:test";
import { limits, type SessionSummary } from "@lodge/shared";
import { applyEvent, type SessionsState } from "./sessions-state.ts";
import { session } from "./test-session.ts";

const a = session({ title: "a" });
const b = session({ title: "b", state: { name: "hibernated" } });
const state: SessionsState = { sequence: 4, sessions: [a, b] };
const titles = (next: SessionsState | null) => next?.sessions.map(({ title }) => title);

describe("applyEvent", () => {
  test("a snapshot replaces everything, whatever was before", () => {
    const snapshot = { type: "snapshot" as const, sequence: 90, sessions: [b] };
    expect(applyEvent(null, snapshot)).toEqual({ sequence: 90, sessions: [b] });
    expect(applyEvent(state, snapshot)).toEqual({ sequence: 90, sessions: [b] });
  });

  test("a changed session keeps its place and leaves the others untouched", () => {
    const next = applyEvent(state, { type: "session", sequence: 5, session: { ...a, title: "a2" } });
    expect(titles(next)).toEqual(["a2", "b"]);
    expect(next?.sequence).toBe(5);
    expect(next?.sessions[1]).toBe(b);
    expect(titles(state)).toEqual(["a", "b"]);
  });

  test("a new session comes first", () =>
    expect(titles(applyEvent(state, { type: "session", sequence: 5, session: session({ title: "c" }) }))).toEqual([
      "c",
      "a",
      "b",
    ]));

  test("a removed session goes; removing an unknown one is fine", () => {
    expect(titles(applyEvent(state, { type: "session_removed", sequence: 5, id: a.id }))).toEqual(["b"]);
    expect(titles(applyEvent(state, { type: "session_removed", sequence: 5, id: session({}).id }))).toEqual(["a", "b"]);
  });

  test.each([6, 4, 3])("after 4, sequence %d is a gap", (sequence) =>
    expect(applyEvent(state, { type: "session_removed", sequence, id: a.id })).toBeNull(),
  );

  test("a change before any snapshot is a gap", () =>
    expect(applyEvent(null, { type: "session", sequence: 1, session: a })).toBeNull());

  test("a full list makes room by dropping the oldest without a process", () => {
    const sessions: SessionSummary[] = [session({ title: "live", lastActiveAt: 0 })];
    while (sessions.length < limits.sessions) {
      sessions.push(session({ title: "rest", state: { name: "hibernated" }, lastActiveAt: sessions.length }));
    }
    const next = applyEvent({ sequence: 1, sessions }, { type: "session", sequence: 2, session: session({}) });
    expect(next?.sessions).toHaveLength(limits.sessions);
    expect(next?.sessions[1]?.title).toBe("live");
    expect(next?.sessions).not.toContain(sessions[1]);
    expect(next?.sessions).toContain(sessions[2]);
  });
});
