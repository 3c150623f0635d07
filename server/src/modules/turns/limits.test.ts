import { describe, expect, test } from "bun:test";
import { noUsage, type ReplyEvent } from "../../sessions/index.ts";
import { type Limits, Limiter } from "./limits.ts";

const stop: ReplyEvent = { type: "stop", stopReason: "end_turn", stopSequence: null, usage: noUsage };

/** What is shown of a text in one block, given in these deltas. */
function shown(deltas: readonly string[], limits: Limits) {
  const limiter = new Limiter(limits);
  const events: ReplyEvent[] = [];
  const all: ReplyEvent[] = [
    { type: "block_start", index: 0, block: { type: "text" } },
    ...deltas.map((text): ReplyEvent => ({ type: "block_delta", index: 0, delta: { type: "text", text } })),
    { type: "block_stop", index: 0 },
    stop,
  ];
  for (const event of all) {
    events.push(...limiter.push(event));
    if (limiter.cut) break;
  }
  const pieces = events.flatMap((event) =>
    event.type === "block_delta" && event.delta.type === "text" ? [event.delta.text] : [],
  );
  return { pieces, text: pieces.join(""), cut: limiter.cut, types: events.map(({ type }) => type) };
}

/** What is shown of blocks of text, each in deltas of so many characters, with `between` after the first of them. */
function shownOf(blocks: readonly string[], size: number, limits: Limits, between: readonly ReplyEvent[] = []) {
  const limiter = new Limiter(limits);
  const shownBlocks: string[] = [];
  const open = new Set<number>();
  const all = blocks.flatMap((text, at): ReplyEvent[] => [
    { type: "block_start", index: at * 2, block: { type: "text" } },
    ...split(text, size).map((piece): ReplyEvent => ({
      type: "block_delta",
      index: at * 2,
      delta: { type: "text", text: piece },
    })),
    { type: "block_stop", index: at * 2 },
    ...(at === 0 ? between : []),
  ]);
  for (const event of [...all, stop]) {
    for (const visible of limiter.push(event)) {
      if (visible.type === "block_start") {
        open.add(visible.index);
        shownBlocks.push("");
      }
      if (visible.type === "block_delta" && visible.delta.type === "text") {
        expect(open.has(visible.index)).toBe(true);
        shownBlocks[shownBlocks.length - 1] += visible.delta.text;
      }
      if (visible.type === "block_stop") expect(open.delete(visible.index)).toBe(true);
    }
    if (limiter.cut) break;
  }
  expect(open.size).toBe(0);
  return { blocks: shownBlocks, cut: limiter.cut };
}

/** A text in deltas of so many characters. */
const split = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];

describe("stop sequences", () => {
  test("cut before the sequence that is complete first, however the text is split", () => {
    const text = "one two STOPPED three";
    for (let size = 1; size <= text.length; size++) {
      const { text: seen, cut } = shown(split(text, size), {
        stopSequences: ["three", "STOPPED three", "TOP", "STOP"],
      });
      expect(seen).toBe("one two ");
      expect(cut).toEqual({ stopReason: "stop_sequence", stopSequence: "STOP" });
    }
  });

  test("hold back only what may be the beginning of one, and show it when it is not", () => {
    const { pieces, cut } = shown(["a\n", "b\n\n", "c", "\n"], { stopSequences: ["\n\n\n"] });
    expect(pieces).toEqual(["a", "\nb", "\n\nc", "\n"]);
    expect(cut).toBeNull();
  });

  test("leave no empty block where the text begins with one", () => {
    expect(shown(["STOP and more"], { stopSequences: ["STOP"] }).types).toEqual([]);
  });

  test.each([1, 2, 3, 100])("are found across blocks with nothing between, in deltas of %i", (size) => {
    const stopped = { stopReason: "stop_sequence" as const, stopSequence: "END" };
    const limits = { stopSequences: ["END"] };
    expect(shownOf(["one E", "ND two"], size, limits)).toEqual({ blocks: ["one "], cut: stopped });
    expect(shownOf(["one E", "N", "D two"], size, limits)).toEqual({ blocks: ["one "], cut: stopped });
    expect(shownOf(["one", "END two"], size, limits)).toEqual({ blocks: ["one"], cut: stopped });
    expect(shownOf(["E", "ND"], size, limits)).toEqual({ blocks: [], cut: stopped });
    expect(shownOf(["one EN", "E two", "x"], size, limits)).toEqual({ blocks: ["one EN", "E two", "x"], cut: null });
  });

  test.each([1, 2, 100])("are not found across anything else, in deltas of %i", (size) => {
    const between: ReplyEvent[] = [
      { type: "block_start", index: 1, block: { type: "thinking" } },
      { type: "block_delta", index: 1, delta: { type: "thinking", thinking: "N" } },
      { type: "block_stop", index: 1 },
    ];
    const { blocks, cut } = shownOf(["one E", "ND two"], size, { stopSequences: ["END"] }, between);
    expect(blocks).toEqual(["one E", "", "ND two"]);
    expect(cut).toBeNull();
  });

  test("that may go on in the next block hold back the end of theirs, but not of the reply", () => {
    const limiter = new Limiter({ stopSequences: ["END"] });
    limiter.push({ type: "block_start", index: 0, block: { type: "text" } });
    limiter.push({ type: "block_delta", index: 0, delta: { type: "text", text: "one E" } });
    expect(limiter.push({ type: "block_stop", index: 0 })).toEqual([]);
    expect(limiter.push(stop).map(({ type }) => type)).toEqual(["block_delta", "block_stop", "stop"]);
  });

  test("are not looked for in calls", () => {
    const limiter = new Limiter({ stopSequences: ["x"], maxTokens: 1 });
    const delta: ReplyEvent = {
      type: "block_delta",
      index: 0,
      delta: { type: "input_json", json: '{"x":"xxxxxxxx"}' },
    };
    expect(limiter.push(delta)).toEqual([delta]);
    expect(limiter.cut).toBeNull();
  });
});

describe("a limit of tokens", () => {
  test("cuts after four characters a token, however the text is split", () => {
    for (let size = 1; size <= 9; size++) {
      const { text, cut, types } = shown(split("123456789", size), { maxTokens: 2 });
      expect(text).toBe("12345678");
      expect(cut).toEqual({ stopReason: "max_tokens", stopSequence: null });
      expect(types.at(-1)).toBe("block_stop");
    }
  });

  test("leaves alone what just fits", () => {
    expect(shown(["12345678"], { maxTokens: 2 })).toMatchObject({ text: "12345678", cut: null });
  });

  test("tears no character apart", () => {
    expect(shown(["abc😀"], { maxTokens: 1 }).text).toBe("abc");
  });

  test("counts over all blocks", () => {
    const limits = { maxTokens: 2, stopSequences: ["--end"] };
    const cut = { stopReason: "max_tokens" as const, stopSequence: null };
    expect(shownOf(["12345-", "-789"], 100, limits)).toEqual({ blocks: ["12345-", "-7"], cut });
    expect(shownOf(["1234567-", "-9"], 100, limits)).toEqual({ blocks: ["1234567-"], cut });
  });

  test("counts what was held back for a sequence that did not come", () => {
    const limits = { maxTokens: 1, stopSequences: ["--end"] };
    expect(shown(["abc", "--"], limits)).toMatchObject({ text: "abc-", cut: { stopReason: "max_tokens" } });
  });
});
