import { expect, test } from "bun:test";
import { ApiFailure } from "../../lib/api-failure.ts";
import { type Disk, save } from "./editing.ts";

/** A file as the server has it: written over the named version or not at all. */
function disk(text: string | null): Disk & { text: string | null } {
  let version = 1;
  const made = {
    text,
    read: () =>
      made.text === null
        ? Promise.reject(new ApiFailure(404, "There is nothing."))
        : Promise.resolve({ text: made.text, etag: `"${version}"` }),
    write: (next: string, over: { etag: string } | "nothing") => {
      const fits = over === "nothing" ? made.text === null : made.text !== null && over.etag === `"${version}"`;
      if (!fits) return Promise.reject(new ApiFailure(412, "It is another."));
      made.text = next;
      return Promise.resolve(`"${++version}"`);
    },
  };
  return made;
}

test("over what was seen it is written", async () => {
  const file = disk("one");
  expect(await save(file, "two", { etag: '"1"' })).toEqual({ type: "saved", base: { etag: '"2"' } });
  expect(file.text).toBe("two");
});

test("over what was not seen it is not, and what is there is told", async () => {
  const file = disk("by an agent");
  const outcome = await save(file, "two", { etag: '"0"' });
  expect(outcome).toEqual({ type: "changed", theirs: { text: "by an agent", etag: '"1"' } });
  expect(file.text).toBe("by an agent");
});

test("one whose answer was lost is saved all the same", async () =>
  expect(await save(disk("two"), "two", { etag: '"0"' })).toEqual({ type: "saved", base: { etag: '"1"' } }));

test("one that is gone is made anew only when that is asked for", async () => {
  const file = disk(null);
  expect(await save(file, "two", { etag: '"1"' })).toEqual({ type: "gone" });
  expect(file.text).toBeNull();
  expect(await save(file, "two", "nothing")).toMatchObject({ type: "saved" });
});

test("one that is no text any more, and what else goes wrong", async () => {
  const noText: Disk = { ...disk("x"), read: () => Promise.resolve(null) };
  expect(await save(noText, "y", { etag: '"0"' })).toEqual({ type: "unreadable" });
  const full: Disk = { ...disk("x"), write: () => Promise.reject(new ApiFailure(503, "There is no room.")) };
  expect(await save(full, "y", { etag: '"1"' }).catch((error: Error) => error.message)).toBe("There is no room.");
});
