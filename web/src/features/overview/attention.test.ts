import { expect, test } from "bun:test";
import type { Overview, SessionState } from "@lodge/shared";
import { session as testSession } from "../../lib/test-session.ts";
import { attentionOf } from "./attention.ts";

const calm: Overview = {
  claude: { version: "1", account: "someone", models: [] },
  needsLogin: false,
  server: { version: "1", startedAt: 0, memoryBytes: 0 },
  live: { sessions: 1, limit: 2, queued: 0, memoryBytes: null },
  jobs: { running: 0, queued: 0, active: [] },
  usage: { turns: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0, costUsd: 0 },
};
const waiting = (since: number, reason: "permission" | "tool" = "permission"): SessionState => ({
  name: "waiting",
  since,
  reason,
  detail: "",
});

test("nothing needs anybody on a calm server, nor before it is known", () => {
  expect(attentionOf(calm, [testSession({ state: { name: "busy", since: 1 } })])).toEqual([]);
  expect(attentionOf(undefined, [])).toEqual([]);
  expect(attentionOf({ ...calm, claude: null }, [])).toEqual([]);
});

test("who waits longest comes first; a client's tool is the client's", () => {
  const sessions = [
    testSession({ id: "a", state: waiting(20) }),
    testSession({ id: "b", state: waiting(10) }),
    testSession({ id: "c", state: waiting(5, "tool") }),
  ];
  const found = attentionOf(
    { ...calm, needsLogin: true, live: { sessions: 2, limit: 2, queued: 3, memoryBytes: null } },
    sessions,
  );
  expect(found.map((each) => (each.type === "prompt" ? each.session.id : each.type))).toEqual([
    "not_logged_in",
    "b",
    "a",
    "full",
  ]);
});
