/** The session library by itself: the example runs without the server, and tells the same story each time. */
import { expect, test } from "bun:test";
import { join } from "node:path";

test("the example holds a conversation of three turns on one warm process", async () => {
  const example = Bun.spawn([process.execPath, "examples/session-library.ts", "--demo"], {
    cwd: join(import.meta.dir, "../../server"),
    env: { PATH: process.env["PATH"] },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, code] = await Promise.all([
    new Response(example.stdout).text(),
    new Response(example.stderr).text(),
    example.exited,
  ]);
  expect(errors).toBe("");
  expect(code).toBe(0);
  expect(output.match(/claude \(\w+\): .*/g)).toEqual([
    "claude (cold): Hello from the library",
    "claude (warm): 2",
    "claude (warm): echo: Hello from the library",
  ]);
});
