// With a real process of the CLI's runtime that has something to compile.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { putHelpersBehind } from "./helper-threads.ts";

/** Says so at the end of its work, and keeps its threads. */
const busy = `
  let sum = 0;
  const add = (n) => { for (let i = 0; i < n; i++) sum += i % 7; };
  for (let i = 0; i < 3000; i++) add(1000);
  console.log("done");
  setInterval(() => {}, 1000);
`;

const threadsOf = (pid: number): { id: number; name: string }[] =>
  readdirSync(`/proc/${pid}/task`).map((id) => ({
    id: Number(id),
    name: readFileSync(`/proc/${pid}/task/${id}/comm`, "utf8").trim(),
  }));

test.if(process.platform === "linux")(
  "the threads that compile stand behind, the one that answers does not",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "lodge-helper-threads-"));
    // A program on the command line compiles on the thread that runs it.
    await Bun.write(join(folder, "busy.js"), busy);
    const child = Bun.spawn([process.execPath, join(folder, "busy.js")], { env: {}, stdout: "pipe" });
    try {
      const { value } = await child.stdout.getReader().read();
      expect(new TextDecoder().decode(value)).toBe("done\n");
      const own = getPriority(child.pid);
      const compilers = threadsOf(child.pid).filter(({ name }) => name === "JITWorker");
      expect(compilers.map(({ id }) => getPriority(id))).toContain(own);

      putHelpersBehind(child.pid);

      expect(compilers.map(({ id }) => getPriority(id))).toEqual(compilers.map(() => 19));
      expect(getPriority(child.pid)).toBe(own);
    } finally {
      child.kill("SIGKILL");
      await child.exited;
      await rm(folder, { recursive: true });
    }
  },
);

test("of a process that is gone nothing is asked", async () => {
  const child = Bun.spawn([process.execPath, "-e", ""], { env: {} });
  await child.exited;
  expect(() => putHelpersBehind(child.pid)).not.toThrow();
});
