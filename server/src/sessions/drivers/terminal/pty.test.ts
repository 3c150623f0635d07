// A program on a real terminal: what is typed that it does not read is bounded, and with what it ended is known.
import { expect, test } from "bun:test";
import { systemClock } from "../../clock.ts";
import { Pty } from "./pty.ts";

const megabyte = 1024 * 1024;

/** A shell's script on a terminal of its own; `says` resolves when it has written that. */
function run(script: string) {
  let text = "";
  let heard = Promise.withResolvers<void>();
  const pty = new Pty({
    command: ["sh", "-c", script],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    sessionId: crypto.randomUUID(),
    cols: 80,
    rows: 24,
    clock: systemClock,
    onOutput: (bytes) => {
      text += new TextDecoder().decode(bytes);
      heard.resolve();
      heard = Promise.withResolvers();
    },
  });
  return {
    pty,
    async says(words: string): Promise<void> {
      while (!text.includes(words)) await heard.promise;
    },
    [Symbol.asyncDispose]: () => pty.end(),
  };
}

test("a program that does not read takes so much and no more", async () => {
  await using program = run("stty raw -echo; printf ready; exec sleep 60");
  await program.says("ready");
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  let taken = 0;
  while (program.pty.write(chunk) && taken < 64 * megabyte) taken += chunk.length;
  expect(taken).toBe(4 * megabyte);
  expect(program.pty.write("x")).toBe(false);
}, 60_000);

test("what a program reads is never in the way of what is typed next", async () => {
  await using program = run("stty raw -echo; printf ready; head -c 16777216 | tail -c 3; printf done");
  await program.says("ready");
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  let typed = 0;
  while (typed < 16 * megabyte) {
    if (program.pty.write(chunk)) typed += chunk.length;
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await program.says("xxxdone");
}, 60_000);

test.each([
  ["exit 0", 0],
  ["exit 7", 7],
  ["kill -9 $$", null],
])("%s is told as %p", async (script, code) => {
  await using program = run(script);
  await program.pty.exited;
  expect(program.pty.exitCode).toBe(code);
});
