/** What the model is asked of its calls, and what is checked of them. */
import { describe, expect, test } from "bun:test";
import { CallCheck, type CallRules, noRules, reminder } from "./choice.ts";

const named: CallRules = { choice: { type: "tool", name: "a" }, parallel: true };
const required: CallRules = { choice: { type: "required" }, parallel: true };

describe("the reminder", () => {
  test("is none when there is nothing to ask", () => {
    expect(reminder(noRules)).toBeNull();
    expect(reminder({ choice: { type: "none" }, parallel: true })).toBeNull();
  });

  test.each<[CallRules, string]>([
    [required, "one of your tools"],
    [named, '"a"'],
    [{ ...noRules, parallel: false }, "at most one"],
  ])("for %j", (rules, words) => expect(reminder(rules)).toContain(words));
});

describe("the check", () => {
  test("lets everything pass without rules", () => {
    const check = new CallCheck(noRules);
    expect([check.admits("a"), check.admits("b")]).toEqual([true, true]);
    expect(() => check.finish()).not.toThrow();
  });

  test("one at a time, in each message", () => {
    const check = new CallCheck({ ...noRules, parallel: false });
    check.messageStarts();
    expect([check.admits("a"), check.admits("b")]).toEqual([true, false]);
    check.messageStarts();
    expect(check.admits("b")).toBe(true);
  });

  test("a call that must come, and of which tool", () => {
    expect(() => new CallCheck(required).finish()).toThrow("made no tool call");
    expect(() => new CallCheck(named).finish()).toThrow('did not call the tool "a"');
    expect(() => new CallCheck(named).admits("b")).toThrow('called the tool "b"');
    const check = new CallCheck(named);
    expect(check.admits("a")).toBe(true);
    expect(() => check.finish()).not.toThrow();
  });
});
