import { describe, expect, test } from "bun:test";
import { readServers, serverWords, writeServers } from "./mcp-text.ts";

const files = { files: { command: "npx", args: ["-y", "server"], env: { KEY: "x" } } };
const docs = { docs: { type: "http" as const, url: "https://docs.example.com/mcp" } };

describe("what a person writes", () => {
  test.each([
    ["", null],
    ["{}", null],
    [JSON.stringify(files), files],
    [JSON.stringify({ mcpServers: { ...files, ...docs } }), { ...files, ...docs }],
  ])("%s is read", (text, servers) => expect(readServers(text)).toEqual({ servers, problem: null }));

  test.each([
    ["{", "not JSON"],
    ["[]", "expected record"],
    ['{"a b": {"command": "x"}}', "letters, digits"],
    ['{"a": {}}', 'a: give "command"'],
    ['{"a": {"url": "https://x.example"}}', 'a: give "command"'],
    ['{"a": {"type": "http", "url": "file:///etc/passwd"}}', "a.url: Invalid URL"],
  ])("%s is refused in words", (text, problem) =>
    expect(readServers(text)).toEqual({ servers: null, problem: expect.stringContaining(problem) as string }),
  );
});

test("what is written is read again", () => {
  expect(readServers(writeServers({ ...files, ...docs })).servers).toEqual({ ...files, ...docs });
  expect(writeServers(null)).toBe("");
  expect(serverWords({ ...files, ...docs })).toBe("files (npx), docs (https://docs.example.com/mcp)");
});
