import { expect, test } from "bun:test";
import { createUploads, type Send, Taken, type Upload } from "./uploads.ts";

const blob = (text: string) => new Blob([text]);
const states = (list: readonly Upload[]) => list.map(({ state }) => state.type);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a few at a time, each told of when it is there, one that fails alone", async () => {
  const open: { path: string; end: (error?: Error) => void }[] = [];
  const send: Send = (path, _, __, { onSent }) =>
    new Promise((resolve, reject) => {
      onSent(1);
      open.push({ path, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  const done: string[] = [];
  const uploads = createUploads(send, (path) => done.push(path));
  uploads.add(["a", "b", "c", "d"].map((path) => ({ path, file: blob(path) })));
  expect(states(uploads.list.get())).toEqual(["sending", "sending", "sending", "waiting"]);
  expect(uploads.list.get()[0]!.state).toEqual({ type: "sending", sent: 1 });
  open[1]!.end();
  open[0]!.end(new Error("No room."));
  await turn();
  expect(open.map(({ path }) => path)).toEqual(["a", "b", "c", "d"]);
  expect(states(uploads.list.get())).toEqual(["failed", "done", "sending", "sending"]);
  expect(done).toEqual(["b"]);
});

test("one whose name is taken waits for a word, and replaces what was there then", async () => {
  const asked: unknown[] = [];
  const send: Send = (_, __, over) => {
    asked.push(over);
    return over === "nothing" ? Promise.reject(new Taken('"7"')) : Promise.resolve();
  };
  const uploads = createUploads(send, () => {});
  uploads.add([{ path: "a", file: blob("x") }]);
  await turn();
  expect(uploads.list.get()[0]!.state).toEqual({ type: "taken", etag: '"7"' });
  uploads.replace(1);
  await turn();
  expect(asked).toEqual(["nothing", { etag: '"7"' }]);
  expect(states(uploads.list.get())).toEqual(["done"]);
});

test("one that failed is sent once more when somebody says so", async () => {
  let attempts = 0;
  const send: Send = () => (attempts++ === 0 ? Promise.reject(new Error("The connection broke.")) : Promise.resolve());
  const uploads = createUploads(send, () => {});
  uploads.add([{ path: "a", file: blob("x") }]);
  await turn();
  expect(uploads.list.get()[0]!.state).toEqual({ type: "failed", message: "The connection broke." });
  uploads.retry(1);
  await turn();
  expect(states(uploads.list.get())).toEqual(["done"]);
  uploads.retry(1);
  await turn();
  expect(attempts).toBe(2);
});

test("one that is dropped is broken off, and so are all at the end", async () => {
  const aborted: string[] = [];
  const send: Send = (path, _, __, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(path);
        reject(new Error("It was broken off."));
      });
    });
  const uploads = createUploads(send, () => {});
  uploads.add(["a", "b", "c"].map((path) => ({ path, file: blob(path) })));
  uploads.drop(2);
  await turn();
  expect(aborted).toEqual(["b"]);
  expect(uploads.list.get().map(({ path }) => path)).toEqual(["a", "c"]);
  uploads.close();
  await turn();
  expect(aborted).toEqual(["b", "a", "c"]);
  expect(uploads.list.get()).toEqual([]);
});
