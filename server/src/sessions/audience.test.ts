// Who follows the sessions is told in order, in a moment, and whatever the others do.
import { expect, test } from "bun:test";
import { Audience, type SessionChange } from "./audience.ts";

const gone = (id: string): SessionChange => ({ type: "removed", id });
const moment = () => new Promise((resolve) => setImmediate(resolve));

test("nobody is waited for, and all are told in order", async () => {
  const audience = new Audience();
  const heard: unknown[] = [];
  audience.subscribe((change) => heard.push(change));
  for (const id of ["a", "b", "c"]) audience.announce(gone(id));
  expect(heard).toEqual([]);
  await moment();
  expect(heard).toEqual(["a", "b", "c"].map(gone));
});

test("one who fails is told of, and keeps nothing from the others", async () => {
  const failures: unknown[] = [];
  const audience = new Audience((error) => failures.push(error));
  const heard: unknown[] = [];
  const failure = new Error("the screen is full");
  const end = audience.subscribe(() => {
    throw failure;
  });
  audience.subscribe((change) => heard.push(change));
  audience.announce(gone("a"));
  await moment();
  end();
  audience.announce(gone("b"));
  await moment();
  expect({ heard, failures }).toEqual({ heard: [gone("a"), gone("b")], failures: [failure] });
});

test("at the end all is told that there was, and nothing more", async () => {
  const audience = new Audience();
  const heard: unknown[] = [];
  audience.subscribe((change) => heard.push(change));
  audience.announce(gone("a"));
  audience.dismiss();
  expect(heard).toEqual([gone("a")]);
  audience.announce(gone("b"));
  await moment();
  expect(heard).toEqual([gone("a")]);
});
