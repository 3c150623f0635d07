/** The session library by itself: what its documentation shows runs without the server, and leaves nothing behind. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoModel, startDemoModel } from "@lodge/server/demo";
import { processes } from "../harness/processes.ts";

setDefaultTimeout(60_000);

const server = join(import.meta.dir, "../../server");
const root = mkdtempSync(join(tmpdir(), "lodge-library-"));
const [work, temporary] = [join(root, "work"), join(root, "tmp")];
let model: DemoModel;

beforeAll(async () => {
  for (const folder of [work, temporary, join(root, "home")]) mkdirSync(folder);
  model = await startDemoModel();
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

/** Runs a program of Bun's, with the scripted model for an account. */
async function run(args: string[], cwd: string) {
  const program = Bun.spawn([process.execPath, ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: join(root, "home"),
      TMPDIR: temporary,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, errors, code] = await Promise.all([
    new Response(program.stdout).text(),
    new Response(program.stderr).text(),
    program.exited,
  ]);
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  return out;
}

/** The CLI keeps things of its own in the folder for temporary files. */
const leftBehind = (): string[] => readdirSync(temporary).filter((name) => name.startsWith("lodge-"));

test("the example holds a conversation of three turns on one warm process", async () => {
  const output = await run(["examples/session-library.ts", "--demo"], server);
  expect(output.match(/claude \(\w+\): .*/g)).toEqual([
    "claude (cold): Hello from the library",
    "claude (warm): 2",
    "claude (warm): echo: Hello from the library",
  ]);
  expect(leftBehind()).toEqual([]);
});

test("so does every example of the documentation, each as it stands there", async () => {
  const examples = ["index.ts", "manager.ts", "reply.ts"].flatMap((name) =>
    [...readFileSync(join(server, "src/sessions", name), "utf8").matchAll(/@example\n[ *]+```ts\n([\s\S]*?)```/g)].map(
      ([, code = ""]) => code.replaceAll(/^ *\* ?/gm, ""),
    ),
  );
  expect(examples.length).toBeGreaterThanOrEqual(5);
  const library = JSON.stringify(join(server, "src/sessions/index.ts"));
  const paths = examples.map((code, index) => {
    const path = join(root, `example-${index}.ts`);
    writeFileSync(path, `${code.replaceAll('"@lodge/server/sessions"', library)}\nexport {};\n`);
    return path;
  });
  const all = join(root, "all.ts");
  writeFileSync(all, paths.map((path) => `await import(${JSON.stringify(path)});\nconsole.log("\\n-");\n`).join(""));
  const output = await run([all], work);
  expect(output.match(/^-$/gm)).toHaveLength(examples.length);
  for (const words of ["Turn 1. You said: Hello", "Turn 2. You said: Which number was it?", " cold ", "end_turn"])
    expect(output).toContain(words);
  expect(leftBehind()).toEqual([]);
  expect(processes().filter(({ command }) => command.includes(root))).toEqual([]);
});
