import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { WorkspaceError } from "../errors.ts";
import { holds, Jail } from "./index.ts";
import { literal, refused } from "./testing/corpus.ts";
import { type TestTree, testTree } from "./testing/tree.ts";

/** What comes of it: the path that it led to, or the kind of refusal. */
async function outcome(work: Promise<Disposable & { path: string }>): Promise<string> {
  try {
    using place = await work;
    return `at ${place.path}`;
  } catch (error) {
    if (error instanceof WorkspaceError) return error.kind;
    throw error;
  }
}

describe.each([
  ["held by handle", true],
  ["held by path", false],
])("folders %s", (_, anchored) => {
  let tree: TestTree;
  let jail: Jail;

  beforeAll(async () => {
    tree = await testTree();
    jail = new Jail(tree.root, { anchored });
  });
  afterAll(() => tree[Symbol.asyncDispose]());

  test.each([
    ["", ""],
    ["/", ""],
    [".", ""],
    ["./", ""],
    ["a", "a"],
    ["/a", "a"],
    ["a//b/./c/", "a/b/c"],
    ["file.txt", "file.txt"],
    ["link.txt", "file.txt"],
    ["b-link/deep.txt", "a/b/deep.txt"],
    ["up-and-down", "a/b/deep.txt"],
    ["absolute/b/deep.txt", "a/b/deep.txt"],
  ])("%j leads to %j", async (path, to) => {
    expect(await outcome(jail.find(path))).toBe(`at ${to}`);
    using place = await jail.find(path);
    expect(place.found.stats.ino).toBe((await stat(join(tree.root, to), { bigint: true })).ino);
  });

  test.each(refused)("%j is refused, and nothing is made on the way", async (path) => {
    const before = await tree.snapshot();
    const below = `${path}/new/file`;
    for (const work of [
      () => jail.find(path),
      () => jail.look(path),
      () => jail.prepare(path),
      () => jail.prepare(below),
    ]) {
      expect(await outcome(work())).toMatch(/^(outside|invalid|not_a_folder)$/);
    }
    expect(await tree.snapshot()).toEqual(before);
  });

  test.each(literal)("%j is only a name", async (path) => {
    expect(await outcome(jail.find(path))).toBe("missing");
    expect(await outcome(jail.look(path))).toBe(`at ${path.split("/").filter(Boolean).join("/")}`);
  });

  test("what is outside looks the same whether it is there or not", async () => {
    const messages = ["to-etc/passwd", "to-etc/missing"].map((path) =>
      jail.find(path).then(String, (error: Error) => error.message.replace(path, "…")),
    );
    const [there, missing] = await Promise.all(messages);
    expect(there).toBe(missing);
  });

  test("below a file there is nothing, and nothing can be made", async () => {
    expect(await outcome(jail.find("file.txt/x"))).toBe("missing");
    expect(await outcome(jail.prepare("file.txt/x"))).toBe("not_a_folder");
  });

  test("folders are made up to the last name", async () => {
    using place = await jail.prepare("new/of/three/file");
    expect(place).toMatchObject({ path: "new/of/three/file", name: "file", found: null, absent: ["file"] });
    expect((await stat(join(tree.root, "new/of/three"))).isDirectory()).toBe(true);
    using through = await jail.prepare("b-link/made/file");
    expect(through.path).toBe("a/b/made/file");
    using dangling = await jail.prepare("gone-inside");
    expect(dangling).toMatchObject({ path: "a/new.txt", absent: ["new.txt"] });
  });

  test("many make the same folders at once", async () => {
    const works = Array.from({ length: 20 }, (__, k) => outcome(jail.prepare(`at/once/${"deep/".repeat(5)}${k}`)));
    expect(new Set((await Promise.all(works)).map((text) => text.slice(0, 6)))).toEqual(new Set(["at at/"]));
  });

  test("no handle is left open", async () => {
    const count = async () =>
      (await Array.fromAsync(new Bun.Glob("*").scan({ cwd: "/proc/self/fd", onlyFiles: false, dot: true }))).length;
    const before = await count();
    for (let k = 0; k < 5; k++) {
      for (const path of [...refused, ...literal, "a/b/deep.txt"]) {
        await outcome(jail.look(path));
        await outcome(jail.find(path));
      }
    }
    await Bun.sleep(50);
    expect(await count()).toBeLessThan(before + 20);
  });

  test("with any tree and any path, it is where the system says, or refused when that is outside", async () => {
    const name = fc.constantFrom("a", "b", "c", "..", ".", "", "%2e%2e");
    const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join("/"));
    const entry = fc.record({
      at: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((names) => names.join("/")),
      kind: fc.constantFrom("folder", "file", "link", "absolute"),
      to: path,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 12 }),
        fc.array(path, { minLength: 1, maxLength: 8 }),
        async (entries, paths) => {
          const base = await mkdtemp(join(tree.base, "any-"));
          const root = join(base, "root");
          await mkdir(root);
          try {
            for (const { at, kind, to } of entries) await makeEntry(root, at, kind, to).catch(() => {});
            await agreesWithSystem(root, new Jail(root, { anchored }), paths);
          } finally {
            await rm(base, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("a link whose target ends in a slash or a dot leads to no file", async () => {
    const root = await mkdtemp(join(tree.base, "slash-"));
    for (const at of ["file", "folder/file"]) await makeEntry(root, at, "file", "");
    const targets = [
      "file/",
      "file/.",
      "folder/",
      "folder/.",
      "./folder/./file",
      "folder/file/./",
      "file/..",
      "folder/..",
    ];
    for (const [k, to] of targets.entries()) {
      await makeEntry(root, `link${k}`, "link", to);
      await makeEntry(root, `absolute${k}`, "absolute", to);
    }
    const paths = targets.flatMap((_to, k) => [`link${k}`, `absolute${k}`]);
    await agreesWithSystem(root, new Jail(root, { anchored }), paths);
  });

  test("of any text, what is found is inside", async () => {
    const text = fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.constantFrom(...refused, ...literal));
    const mixed = fc
      .array(fc.oneof(text, fc.constantFrom("/", "..", "\\", "\0", "outside", "a", "chain")))
      .map((parts) => parts.join("/"));
    await fc.assert(
      fc.asyncProperty(mixed, async (path) => {
        const got = await outcome(jail.look(path));
        if (!got.startsWith("at ")) return;
        expect(holds(tree.root, join(tree.root, got.slice(3)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

async function agreesWithSystem(root: string, jail: Jail, paths: readonly string[]): Promise<void> {
  for (const asked of paths) {
    const got = await outcome(jail.find(asked));
    const real = await realpath(join(root, ...asked.split("/"))).catch(() => null);
    if (asked.split("/").includes("..")) expect(got).toBe("outside");
    else if (asked.startsWith("//")) expect(got).toBe("outside");
    else if (got.startsWith("at ")) expect(join(root, got.slice(3))).toBe(real!);
    else if (real !== null) expect(holds(root, real) && !leaves(got)).toBe(false);
  }
}

/** A path that leaves the root on its way and comes back is refused although it ends inside. */
const leaves = (kind: string): boolean => kind === "outside";

async function makeEntry(root: string, at: string, kind: string, to: string): Promise<void> {
  const path = join(root, at);
  await mkdir(join(path, ".."), { recursive: true });
  if (kind === "folder") await mkdir(path, { recursive: true });
  else if (kind === "file") await writeFile(path, at);
  else await symlink(kind === "absolute" ? join(root, to) : to, path);
}

test("a prefix is not a parent", () => {
  expect(holds("/root", "/root-evil")).toBe(false);
  expect(holds("/root", "/root/x")).toBe(true);
  expect(holds("/", "/x")).toBe(true);
  expect(new Jail("/root").nameOf("/root-evil/x")).toBeNull();
  expect(new Jail("/root").nameOf("/root/x/y")).toBe("x/y");
});
