import { expect, test } from "bun:test";
import { toolSummary } from "./tool-summary.ts";

test.each<[string, Record<string, unknown>, string, string]>([
  ["Bash", { description: "List", command: "ls -la" }, "Bash", "ls -la"],
  ["Bash", { command: "cat <<E\nlong\nE" }, "Bash", "cat <<E …"],
  ["Edit", { old_string: "a", file_path: "/a.ts" }, "Edit", "/a.ts"],
  ["Grep", { pattern: "x", path: "src" }, "Grep", "x in src"],
  ["TodoWrite", { todos: [{ status: "completed" }, { status: "pending" }, null] }, "TodoWrite", "1 of 3 done"],
  ["AskUserQuestion", { questions: [{ question: "Which?" }] }, "AskUserQuestion", "Which?"],
  ["mcp__git__log", { branch: "main" }, "git: log", "main"],
  ["Unheard", { list: [1], count: 3 }, "Unheard", "3"],
  ["Unheard", {}, "Unheard", ""],
])("%s %j", (tool, input, name, text) => expect(toolSummary(tool, input)).toEqual({ name, text }));

test("is one line, however long the argument", () =>
  expect(toolSummary("Bash", { command: "x".repeat(5000) }).text).toHaveLength(302));
