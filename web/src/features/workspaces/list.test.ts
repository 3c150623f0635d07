import { expect, test } from "bun:test";
import { session } from "../../lib/test-session.ts";
import { shownWorkspaces, withSessions, workspacesSearch } from "./list.ts";

const workspace = (name: string, liveSessions = 0) => ({ name, liveSessions, git: false, lastActiveAt: 100 });

test("workspacesSearch", () => {
  expect(workspacesSearch({ q: "a", state: "busy" })).toEqual({ q: "a" });
  expect(workspacesSearch({})).toEqual({});
});

test("withSessions counts the live ones and takes the later activity", () => {
  const sessions = [
    session({ workspace: "a", lastActiveAt: 50 }),
    session({ workspace: "a", state: { name: "hibernated" }, lastActiveAt: 300 }),
    session({ workspace: "a/b", lastActiveAt: 400 }),
  ];
  expect(withSessions([workspace("a", 7), workspace("b", 7)], sessions)).toEqual([
    { ...workspace("a", 1), lastActiveAt: 300 },
    workspace("b", 0),
  ]);
});

test("shownWorkspaces filters, and puts those in use first", () => {
  const all = [workspace("b"), workspace("c", 1), workspace("a"), workspace("")];
  expect(shownWorkspaces(all, "").map(({ name }) => name)).toEqual(["c", "", "a", "b"]);
  expect(shownWorkspaces(all, "root").map(({ name }) => name)).toEqual([""]);
});
