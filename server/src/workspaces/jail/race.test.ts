import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WorkspaceError } from "../errors.ts";
import { OpenFile, WorkspaceFiles } from "../files/index.ts";
import { canAnchor, Jail } from "./index.ts";
import { testTree } from "./testing/tree.ts";

/** Milliseconds of racing: thousands of swaps, and as many tries to slip through between check and use. */
const raceMs = 2500;

test.skipIf(!canAnchor)(
  "a link that is swapped in between check and use leads nowhere",
  async () => {
    await using tree = await testTree();
    const evil = `${tree.root}-evil`;
    const before = (await readdir(evil)).toSorted();
    const files = new WorkspaceFiles(new Jail(tree.root), { notes: join(tree.base, "notes"), maxBytes: 1000 });
    const swapper = Bun.spawn(
      [process.execPath, fileURLToPath(import.meta.resolve("./testing/swapper.ts")), tree.root, evil],
      {
        stdin: "pipe",
        stdout: "pipe",
        stderr: "inherit",
      },
    );
    const counts: Record<string, number> = {};
    const end = performance.now() + raceMs;
    const read = async (path: string) => {
      const found = await files.open(path);
      if (!(found instanceof OpenFile)) return expect(found.entries.map(({ name }) => name)).not.toContain("deep");
      using file = found;
      const bytes = await file.bytes(1000);
      expect(Buffer.from(bytes ?? []).toString()).not.toBe("secret");
    };
    const write = (path: string) => files.write(path, new Blob(["written"]).stream());
    const works = [
      () => read("file"),
      () => read("folder/secret"),
      () => read("folder"),
      () => read(""),
      () => write("folder/secret"),
      () => write("folder/new/below"),
      () => write("file"),
      () => files.remove("folder/secret"),
      () => files.remove("folder/new/below"),
      () => files.remove("file"),
    ];
    await Promise.all(
      works.map(async (work) => {
        while (performance.now() < end) {
          const result = await work().then(() => "done", kindOf);
          counts[result] = (counts[result] ?? 0) + 1;
        }
      }),
    );
    await swapper.stdin.end();
    const swaps = Number(await new Response(swapper.stdout).text());
    await swapper.exited;
    expect(swaps).toBeGreaterThan(500);
    expect((await readdir(evil)).toSorted()).toEqual(before);
    expect(await readdir(join(evil, "deep"))).toEqual([]);
    expect(await readFile(join(evil, "secret"), "utf8")).toBe("secret");
    // It was a race: both sides of it were seen.
    for (const kind of ["done", "outside", "missing"]) expect(counts[kind]).toBeGreaterThan(0);
  },
  30_000,
);

/** Everything that may happen to somebody who is in a race; anything else fails the test. */
function kindOf(error: unknown): string {
  if (error instanceof WorkspaceError) return error.kind;
  throw error;
}
