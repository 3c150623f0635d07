import { describe, expect, test } from "bun:test";
import { MAX_CHARACTERS, MAX_WORDS, parseDirective, type Directive } from "./directives.ts";

describe("a directive", () => {
  test.each<[string, Directive]>([
    ["echo: hello", { kind: "echo", text: "hello" }],
    ["echo:hello", { kind: "echo", text: "hello" }],
    ["echo:  two blanks\n\nand lines \n", { kind: "echo", text: " two blanks\n\nand lines \n" }],
    ["echo: echo: twice", { kind: "echo", text: "echo: twice" }],
    ["slow: 12", { kind: "slow", words: 12 }],
    ["long: 1000", { kind: "long", characters: 1000 }],
    ["think: about\nit", { kind: "think", text: "about\nit" }],
    [" recall\n", { kind: "recall" }],
    ["turns", { kind: "turns" }],
    ["system", { kind: "system" }],
    ["describe", { kind: "describe" }],
    ["stall", { kind: "stall" }],
    ["refuse", { kind: "refuse" }],
    ["fail: 529", { kind: "fail", failure: "529", midway: false }],
    ["fail: too-long midway", { kind: "fail", failure: "too-long", midway: true }],
    ["fail: lost", { kind: "fail", failure: "lost", midway: true }],
    ['draft: {"a":1}', { kind: "draft", text: '{"a":1}' }],
    ["redacted: secret", { kind: "redacted", text: "secret" }],
    ["cached: hello", { kind: "cached", text: "hello" }],
    ["tool: Bash", { kind: "tool", calls: [{ name: "Bash", input: {} }] }],
  ])("%j", (text, directive) => expect(parseDirective(text)).toEqual(directive));

  test.each(["hello", "please recall", "Echo: no", "turns?", "what does echo: do", ""])("is not in %j", (text) =>
    expect(parseDirective(text)).toEqual({ kind: "say", text }),
  );

  test.each([`slow: ${MAX_WORDS + 1}`, "slow: 0", "slow: many", "slow:", `long: ${MAX_CHARACTERS + 1}`, "long: -1"])(
    "is wrong beyond its bounds: %j",
    (text) => expect(parseDirective(text).kind).toBe("wrong"),
  );

  test("is wrong when it fails with a status that it does not know", () =>
    expect(parseDirective("fail: 418")).toEqual({
      kind: "wrong",
      why: 'Demo model: can fail with 400, 401, 403, 413, 429, 500, 504, 529, too-long, lost, not with "418".',
    }));
});

describe("tool calls", () => {
  test("stand one a line, with JSON over several lines if it likes", () =>
    expect(parseDirective('tool: add {"a": 1}\ntool: Read {\n  "path": "x"\n}\ntool: add {"a": 2}')).toEqual({
      kind: "tool",
      calls: [
        { name: "add", input: { a: 1 } },
        { name: "Read", input: { path: "x" } },
        { name: "add", input: { a: 2 } },
      ],
    }));

  test.each(["tool: add {", "tool: add [1]", "tool:", "tool: add 1\ntool: b"])("are wrong: %j", (text) =>
    expect(parseDirective(text).kind).toBe("wrong"),
  );
});
