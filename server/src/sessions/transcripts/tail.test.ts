import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { systemClock } from "../clock.ts";
import { TranscriptTail } from "./tail.ts";

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tail-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function follow(options: { maxRecordBytes?: number; slow?: boolean } = {}) {
  const path = join(folder, `${files++}.jsonl`);
  const texts: unknown[] = [];
  const problems: string[] = [];
  const tail = new TranscriptTail({
    path,
    clock: systemClock,
    onRecord: (record) => {
      texts.push(record["text"]);
      return options.slow ? Promise.resolve() : undefined;
    },
    onProblem: (problem) => problems.push(problem),
    ...(options.maxRecordBytes === undefined ? {} : { maxRecordBytes: options.maxRecordBytes }),
  });
  return { path, texts, problems, tail };
}

const line = (text: string) => `${JSON.stringify({ type: "t", text })}\n`;

test("however it is cut up while it is written, the records are the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom("a", "é", "漢", "👩‍👩‍👧", "\n", '"') }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }),
      fc.boolean(),
      async (texts, cuts, slow) => {
        const { path, texts: seen, problems, tail } = follow({ slow });
        using _tail = tail;
        const bytes = Buffer.from(texts.map(line).join(""));
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          appendFileSync(path, bytes.subarray(at, at + cut));
          at += cut;
          await tail.read();
        }
        expect(seen).toEqual(texts);
        expect(problems).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

test("a bad record is told of and skipped, also one that is too long", async () => {
  const { path, texts, problems, tail } = follow({ maxRecordBytes: 100 });
  using _tail = tail;
  writeFileSync(path, `${line("a")}{"type":\nnull\n\n${line("x".repeat(200))}${line("b")}`);
  await tail.read();
  expect(texts).toEqual(["a", "b"]);
  expect(problems).toHaveLength(3);
});

test("a file that is replaced or cut short is read from its beginning", async () => {
  const { path, texts, tail } = follow();
  using _tail = tail;
  await tail.read();
  writeFileSync(path, line("a"));
  tail.skipToEnd();
  appendFileSync(path, `${line("b")}{"ty`);
  await tail.read();
  writeFileSync(`${path}.new`, line("c"));
  renameSync(`${path}.new`, path);
  await tail.read();
  truncateSync(path, 0);
  await tail.read();
  appendFileSync(path, line("d"));
  await tail.read();
  expect(texts).toEqual(["b", "c", "d"]);
});

// How soon: the benchmark's "a record written until its event".
test("while it polls, each record is told as it is written", async () => {
  const path = join(folder, "polled.jsonl");
  const told: unknown[] = [];
  let tell = () => {};
  using tail = new TranscriptTail({
    path,
    clock: systemClock,
    onRecord: (record) => {
      told.push(record["text"]);
      tell();
      return undefined;
    },
    onProblem: () => {},
  });
  tail.polling = true;
  for (const word of ["one", "two", "three"]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    tell = resolve;
    appendFileSync(path, line(word));
    await promise;
    expect(told.at(-1)).toBe(word);
  }
  expect(told).toEqual(["one", "two", "three"]);
});

test("nothing comes after it is disposed of", async () => {
  const { path, texts, tail } = follow();
  tail[Symbol.dispose]();
  writeFileSync(path, line("a"));
  await tail.read();
  expect(texts).toEqual([]);
});
