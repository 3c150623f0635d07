import { describe, expect, test } from "bun:test";
import type { ReplyEvent } from "../../sessions/index.ts";
import { type Limits, Limiter } from "./limits.ts";

/** What is shown of a text in one block, given in these deltas. */
function shown(deltas: readonly string[], limits: Limits) {
  const limiter = new Limiter(limits);
  const events: ReplyEvent[] = [];
  const all: ReplyEvent[] = [
    { type: "block_start", index: 0, block: { type: "text" } },
    ...deltas.map((text): ReplyEvent => ({ type: "block_delta", index: 0, delta: { type: "text", text } })),
    { type: "block_stop", index: 0 },
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

  test("counts what was held back for a sequence that did not come", () => {
    const limits = { maxTokens: 1, stopSequences: ["--end"] };
    expect(shown(["abc", "--"], limits)).toMatchObject({ text: "abc-", cut: { stopReason: "max_tokens" } });
  });
});
