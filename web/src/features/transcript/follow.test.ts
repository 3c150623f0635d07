import { expect, test } from "bun:test";
import type { TranscriptEntry, TranscriptPage } from "@lodge/shared";
import { createStore } from "../../lib/store.ts";
import { followTranscript, type PageRequest, unknownTranscript } from "./follow.ts";
import { user } from "./testing.ts";

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A server whose transcript is a list of words; its cursors are places in that. */
function follow(words: string[], pageSize = 2) {
  const server = { words, failing: false, file: "f", requests: [] as PageRequest[] };
  const view = createStore(unknownTranscript);
  const entries = (from: number, to: number): TranscriptEntry[] =>
    server.words.slice(from, to).map((word) => user(word, 0));
  const following = followTranscript(view, async (request): Promise<TranscriptPage> => {
    server.requests.push(request);
    if (server.failing) throw new Error("No answer.");
    const cursor = (at: number) => `${server.file}-${at}`;
    const [file, at] = (request.after ?? request.before ?? `${server.file}-0`).split("-");
    const length = server.words.length;
    const page = {
      entries: [] as TranscriptEntry[],
      older: null,
      newer: null,
      more: false,
      skipped: 0,
      replaced: false,
    };
    if (file !== server.file || (request.after === undefined && request.before === undefined)) {
      const from = Math.max(0, length - pageSize);
      const older = from === 0 ? null : cursor(from);
      return { ...page, entries: entries(from, length), older, newer: cursor(length), replaced: file !== server.file };
    }
    if (request.after !== undefined) {
      const to = Math.min(length, Number(at) + pageSize);
      return { ...page, entries: entries(Number(at), to), newer: cursor(to), more: to < length };
    }
    const from = Math.max(0, Number(at) - pageSize);
    return { ...page, entries: entries(from, Number(at)), older: from === 0 ? null : cursor(from) };
  });
  const shown = () => view.get().log.entries.map(({ id }) => id);
  return { server, view, following, shown };
}

test("shows the end first, then all of it", async () => {
  const { view, shown } = follow(["a", "b", "c", "d", "e"]);
  const ends: string[] = [];
  view.subscribe(() => ends.push(shown().join("")));
  await settle();
  expect(ends).toEqual(["de", "bcde", "abcde", "abcde"]);
  expect(view.get()).toMatchObject({ status: "complete", problem: null });
});

test("gets what is said next when it is poked, all of it, and once", async () => {
  const { server, following, shown } = follow(["a"]);
  await settle();
  server.words.push("b", "c", "d", "e");
  for (let times = 0; times < 5; times++) following.poke();
  await settle();
  expect(shown()).toEqual(["a", "b", "c", "d", "e"]);
  const quiet = server.requests.length;
  following.poke();
  await settle();
  expect(server.requests).toHaveLength(quiet + 1);
});

test("what is new does not wait for what is old", async () => {
  const { server, following, shown } = follow(["a", "b", "c", "d", "e", "f", "g"]);
  server.words.push("h");
  following.poke();
  await settle();
  expect(shown()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  // The end, then what is new, and only then what is before.
  expect(server.requests[1]).toHaveProperty("after");
});

test("keeps what it has when the server is gone, and goes on when it is back", async () => {
  const { server, view, following, shown } = follow(["a"]);
  await settle();
  server.failing = true;
  server.words.push("b");
  following.poke();
  await settle();
  expect(view.get().problem).toBe("No answer.");
  expect(shown()).toEqual(["a"]);
  server.failing = false;
  following.poke();
  await settle();
  expect(view.get().problem).toBeNull();
  expect(shown()).toEqual(["a", "b"]);
});

test("begins again when the transcript is another one", async () => {
  const { server, following, shown } = follow(["a", "b", "c"]);
  await settle();
  Object.assign(server, { file: "g", words: ["x", "y", "z"] });
  following.poke();
  await settle();
  expect(shown()).toEqual(["x", "y", "z"]);
});

test("asks nothing more once it is over", async () => {
  const { server, following } = follow(["a"]);
  await settle();
  following[Symbol.dispose]();
  following.poke();
  await settle();
  expect(server.requests).toHaveLength(1);
});
