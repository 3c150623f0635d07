// What is shown is looked at when it stands, and of a flood only now and then.
import { expect, test } from "bun:test";
import { Screen } from "./screen.ts";

const size = { cols: 80, rows: 5 };
const bytes = (text: string) => new TextEncoder().encode(text);
const quiet = { reply: () => {}, onProgress: () => {} };

test("what is written is seen at once", () => {
  using screen = new Screen(size, quiet);
  const seen: string[] = [];
  using _listener = screen.onChange(() => seen.push(screen.text));
  screen.write(bytes("one"));
  screen.write(bytes("\r\u001b[Ktwo"));
  expect(seen).toEqual(["one", "two"]);
  screen.resize({ cols: 40, rows: 5 });
  expect(seen).toEqual(["one", "two", "two"]);
});

test("a flood is looked at now and then, and its end is seen", async () => {
  const backlogs: number[] = [];
  using screen = new Screen(size, { reply: () => {}, onProgress: (backlog) => backlogs.push(backlog) });
  const seen: string[] = [];
  using _listener = screen.onChange(() => seen.push(screen.lines.at(-1) ?? ""));
  const flood = `${"A line of a flood\r\n".repeat(200_000)}the end`;
  screen.write(bytes(flood));
  await screen.settled();
  expect(backlogs.length).toBeGreaterThan(100);
  expect(backlogs.at(-1)).toBe(0);
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.length).toBeLessThan(10);
  expect(seen.at(-1)).toBe("the end");
});
