// The MCP Inspector's command line as a client: another implementation of the protocol than the server's own SDK.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let home: string;
beforeAll(async () => {
  lodge = await startTestLodge();
  home = await mkdtemp(join(tmpdir(), "lodge-inspector-"));
});
afterAll(async () => {
  await lodge[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const program = join(
  dirname(fileURLToPath(import.meta.resolve("@modelcontextprotocol/inspector/package.json"))),
  "clients/launcher/build/index.js",
);

async function inspect(...options: string[]): Promise<{ code: number; output: string; errors: string }> {
  const child = Bun.spawn(
    [
      process.execPath,
      program,
      "--cli",
      `${lodge.url}/mcp`,
      "--transport",
      "http",
      "--header",
      `Authorization: Bearer ${lodge.token}`,
      ...options,
    ],
    {
      env: { PATH: process.env["PATH"] ?? "", HOME: home, NO_COLOR: "1" },
      cwd: home,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, output, errors };
}

const call = (name: string, args: Record<string, string>) =>
  inspect(
    "--method",
    "tools/call",
    "--tool-name",
    name,
    ...Object.entries(args).flatMap(([key, value]) => ["--tool-arg", `${key}=${value}`]),
  );

test("finds nothing in the tools' schemas that another client could not read", async () => {
  const { code, output, errors } = await inspect("--method", "tools/list", "--strict");
  expect(code).toBe(0);
  // What is left: schemas that say "anything", since a caller's own schema and a caller's own data are anything.
  expect(errors).toContain("0 errors");
  expect(errors).not.toContain("`type` is an array");
  expect((JSON.parse(output) as { tools: unknown[] }).tools).toHaveLength(9);
});

test("hands a task over by files, and reads what came of it", async () => {
  const written = await call("write_file", { path: "task/prompt.md", content: "Say hello" });
  expect(written.errors).toBe("");
  expect(await readFile(join(lodge.data, "workspaces/task/prompt.md"), "utf8")).toBe("Say hello");
  const run = await call("claude_run", { prompt: "echo: from the inspector", workspace: "task" });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.output)).toMatchObject({
    content: [{ type: "text", text: "from the inspector" }],
    structuredContent: { workspace: "task" },
  });
  const { output } = await inspect("--method", "resources/read", "--uri", "workspace:///task/prompt.md");
  expect(JSON.parse(output)).toMatchObject({ contents: [{ text: "Say hello" }] });
});

test("is told what went wrong", async () => {
  const { output, errors } = await call("read_file", { path: "../etc/passwd" });
  expect(output + errors).toContain("A path has no `..` in it.");
});
