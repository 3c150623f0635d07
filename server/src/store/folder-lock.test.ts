import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "./folder-lock.ts";

const root = mkdtempSync(join(tmpdir(), "lodge-lock-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Takes the lock in a process of its own and waits there; resolves with what came of it. */
async function elsewhere(folder: string) {
  const script = `
    import { lockFolder } from ${JSON.stringify(join(import.meta.dir, "folder-lock.ts"))};
    const lock = lockFolder(${JSON.stringify(folder)});
    process.stdout.write(lock ? "has it\\n" : "too late\\n");
    if (lock) await Bun.stdin.text();
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  return { child, said: new TextDecoder().decode(value).trim() };
}

test("one at a time, in this process and between processes", async () => {
  const folder = join(root, "made for it");
  const first = lockFolder(folder);
  expect(first).not.toBeNull();
  expect(lockFolder(folder)).toBeNull();
  const late = await elsewhere(folder);
  expect(late.said).toBe("too late");
  await late.child.exited;
  first?.[Symbol.dispose]();
  using again = lockFolder(folder);
  expect(again).not.toBeNull();
});

test("a holder that is killed has it no more", async () => {
  const folder = join(root, "killed");
  const { child, said } = await elsewhere(folder);
  expect(said).toBe("has it");
  expect(lockFolder(folder)).toBeNull();
  child.kill("SIGKILL");
  await child.exited;
  using lock = lockFolder(folder);
  expect(lock).not.toBeNull();
});
