/** What a start waits for. */
import { expect, test } from "bun:test";
import { join } from "node:path";

test("a server is loaded without what only a process, a client of MCP, a schema or a terminal's log needs", async () => {
  const module = JSON.stringify(join(import.meta.dir, "lodge.ts"));
  const script = `await import(${module}); console.log(Object.keys(require.cache).join("\\n"));`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  const loaded = await new Response(child.stdout).text();
  const isLoaded = (name: string) => loaded.includes(`/node_modules/${name}/`);
  expect(isLoaded("elysia")).toBe(true);
  const later = ["@anthropic-ai/claude-agent-sdk", "@modelcontextprotocol/sdk", "ajv", "pino-pretty"];
  expect(later.filter(isLoaded)).toEqual([]);
});
