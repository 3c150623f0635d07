/** A workspaces root for tests, with everything around it that a path could lead out to. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestTree extends AsyncDisposable {
  /** Holds the root and its siblings. */
  base: string;
  root: string;
  /** Every name in and around the root, so that a test sees whether something was made. */
  snapshot(): Promise<string[]>;
}

const everything = new Bun.Glob("**/*");

export async function testTree(): Promise<TestTree> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "lodge-jail-")));
  const root = join(base, "root");
  await plant(root, base);
  return {
    base,
    root,
    snapshot: async () =>
      (await Array.fromAsync(everything.scan({ cwd: base, onlyFiles: false, dot: true }))).toSorted(),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}

/** Fills a root, and a folder beside it that merely shares the beginning of its name. */
export async function plant(root: string, base: string): Promise<void> {
  const evil = `${root}-evil`;
  for (const folder of [join(root, "a/b/c"), join(evil, "deep")]) await mkdir(folder, { recursive: true });
  await writeFile(join(evil, "secret"), "secret");
  await writeFile(join(root, "file.txt"), "inside");
  await writeFile(join(root, "a/b/deep.txt"), "deep");
  const links: Record<string, string> = {
    outside: evil,
    "to-secret": `${evil}/secret`,
    "to-etc": "/etc",
    "to-parent": "..",
    "a/up": "../..",
    chain: "a/hop",
    "a/hop": "../outside",
    "gone-outside": join(base, "nothing/there"),
    loop: "loop",
    "proc-root": "/proc/self/root",
    "proc-cwd": "/proc/self/cwd",
    // And those that stay inside.
    "link.txt": "file.txt",
    "b-link": "a/b",
    "up-and-down": "a/b/../b/../../a/b/deep.txt",
    absolute: join(root, "a"),
    "gone-inside": "a/new.txt",
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(root, name));
}
