import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "./config.ts";
import { readMcpServers } from "./mcp-servers.ts";

const folder = mkdtempSync(join(tmpdir(), "lodge-mcp-"));
const path = join(folder, "mcp.json");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("programs and addresses, with all that the CLI knows of them", () => {
  const mcpServers = {
    files: { command: "server", args: ["--root", "/srv"], env: { KEY: "secret" } },
    said: { type: "stdio", command: "server" },
    far: { type: "http", url: "https://example.com/mcp", headers: { authorization: "secret" }, timeout: 5000 },
  };
  writeFileSync(path, JSON.stringify({ mcpServers, other: 1 }));
  expect(readMcpServers(path) as object).toEqual(mcpServers);
});

test.each([
  ["no JSON", "{secret"],
  ["nothing by that name", '{"servers":{}}'],
  ["a server without a way to it", '{"mcpServers":{"a":{"env":{"KEY":"secret"}}}}'],
  ["an address that is none", '{"mcpServers":{"a":{"type":"http","url":"secret"}}}'],
  ["an address of another kind", '{"mcpServers":{"a":{"type":"http","url":"file:///secret"}}}'],
  ["a name that no tool can have", '{"mcpServers":{"a b":{"command":"secret"}}}'],
])("%s is refused in one line that says nothing of what the file holds", (_name, text) => {
  writeFileSync(path, text);
  const error = problemOf(path);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toStartWith(`LODGE_MCP_CONFIG: ${path}`);
  expect(error.message).not.toContain("\n");
  expect(error.message).not.toContain("secret");
});

test("a file that is not there", () => {
  expect(problemOf(join(folder, "none")).message).toContain("cannot be read (ENOENT)");
});

function problemOf(of: string): Error {
  try {
    readMcpServers(of);
  } catch (error) {
    return error as Error;
  }
  throw new Error("the file was taken");
}
