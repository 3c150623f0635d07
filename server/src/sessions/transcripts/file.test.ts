import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { TranscriptFile, type TranscriptLine } from "./file.ts";

const folder = mkdtempSync(join(tmpdir(), "lodge-transcript-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "transcript.jsonl");

async function read(content: string, options: { stepBytes?: number; maxRecordBytes?: number } = {}) {
  writeFileSync(path, content);
  await using file = await TranscriptFile.open(path, options);
  const forward = await Array.fromAsync(file!.forward(0));
  const backward = await Array.fromAsync(file!.backward(file!.size));
  return { forward, backward };
}

const line = (text: string) => `${JSON.stringify({ type: "user", text })}\n`;
const texts = (lines: TranscriptLine[]) => lines.map(({ record }) => record && record["text"]);

test("both directions find the same records at the same places, whatever the pieces it is read in", async () => {
  const lines = fc.array(
    fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }).map(line), fc.constant("\n"), fc.constant("?\n")),
  );
  const rest = fc.constantFrom("", "{", '{"type":"user","text":"unfinished"}');
  await fc.assert(
    fc.asyncProperty(lines, rest, fc.integer({ min: 1, max: 90 }), async (all, unfinished, stepBytes) => {
      const { forward, backward } = await read(all.join("") + unfinished, { stepBytes });
      expect(backward.toReversed()).toEqual(forward);
      const expected = all.filter((text) => text !== "\n");
      expect(forward.map(({ offset, end }) => end - offset)).toEqual(expected.map((text) => Buffer.byteLength(text)));
      expect(forward.map(({ record }) => record && record["text"])).toEqual(
        expected.map((text) => (text === "?\n" ? null : (JSON.parse(text) as { text: string }).text)),
      );
    }),
    { numRuns: 150 },
  );
});

test("a record that is too long or no record is passed over, the ones around it are not", async () => {
  const content = line("a") + line("b".repeat(500)) + '{"no":"type"}\n[1]\n' + line("c");
  for (const stepBytes of [7, 64, 4096]) {
    const { forward, backward } = await read(content, { maxRecordBytes: 100, stepBytes });
    expect(texts(forward)).toEqual(["a", null, null, null, "c"]);
    expect(backward.toReversed()).toEqual(forward);
  }
});

test("it is read on from any line, in both directions", async () => {
  const content = ["a", "b", "c", "d"].map(line).join("");
  const { forward } = await read(content);
  await using file = await TranscriptFile.open(path, { stepBytes: 5 });
  expect(texts(await Array.fromAsync(file!.forward(forward[2]!.offset)))).toEqual(["c", "d"]);
  expect(texts(await Array.fromAsync(file!.backward(forward[2]!.offset)))).toEqual(["b", "a"]);
  expect(await Array.fromAsync(file!.backward(0))).toEqual([]);
});

test("no file is null", async () => {
  expect(await TranscriptFile.open(join(folder, "none.jsonl"))).toBeNull();
});
