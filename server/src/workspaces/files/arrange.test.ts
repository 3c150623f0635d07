/** Moving, copying, deleting and bringing back: within the jail, never over anything, and nothing lost on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkspaceError } from "../errors.ts";
import { refused } from "../jail/testing/corpus.ts";
import { testTree, type TestTree } from "../jail/testing/tree.ts";
import { Workspaces } from "../workspaces.ts";
import { WorkspaceFiles } from "./index.ts";
import { Trash } from "./trash.ts";

let tree: TestTree;
let workspaces: Workspaces;
let files: WorkspaceFiles;
let data: string;
let now = 1_000_000;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "lodge-trash-"));
});
afterAll(() => rm(data, { recursive: true, force: true }));
beforeEach(async () => {
  tree = await testTree();
  workspaces = new Workspaces(tree.root);
  files = new WorkspaceFiles(workspaces.jail, { notes: join(data, "notes"), maxBytes: 1000 });
  return () => tree[Symbol.asyncDispose]();
});

const openTrash = (options: { maxBytes?: number; maxEntries?: number; keepMs?: number } = {}) =>
  Trash.open(workspaces.jail, { folder: join(data, "trash"), now: () => now, ...options });
const at = (path: string) => join(tree.root, path);
const kindOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => {
      if (error instanceof WorkspaceError) return error.kind;
      throw error;
    },
  );

describe("no path leads out", () => {
  test.each(refused)("%j", async (path) => {
    const before = await tree.snapshot();
    await using trash = await openTrash();
    // A link itself may be moved, copied from nowhere, and deleted; what it leads to outside may not be touched.
    const isLink = await lstat(at(path.replace(/\/$/, ""))).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    const works = [
      () => files.names(path, 10),
      () => files.zip(path, new AbortController().signal),
      () => files.copy(path, "copied"),
      ...(isLink ? [] : [() => files.move(path, "moved"), () => trash.put(path)]),
      () => files.makeFolder(path),
      () => files.move("file.txt", path),
      () => files.copy("file.txt", path),
    ];
    for (const work of works)
      expect(["outside", "invalid", "missing", "exists", "not_a_folder"]).toContain(await kindOf(work()));
    expect(await tree.snapshot()).toEqual(before);
    expect(await readFile(join(tree.base, "root-evil/secret"), "utf8")).toBe("secret");
  });
});

describe("moving", () => {
  test("a file, a folder, a link, with the folders on the way", async () => {
    await files.move("file.txt", "new/deep/name.txt");
    expect(await readFile(at("new/deep/name.txt"), "utf8")).toBe("inside");
    await files.move("a/b", "new/b");
    expect(await readFile(at("new/b/deep.txt"), "utf8")).toBe("deep");
    // The link itself, not the secret that it leads to.
    await files.move("to-secret", "new/link");
    expect(await readlink(at("new/link"))).toBe(join(tree.base, "root-evil/secret"));
    expect(await readdir(at("."))).not.toContain("file.txt");
  });

  test("is never over anything: a file, a folder, an empty one, a link to nowhere", async () => {
    await writeFile(at("other.txt"), "other");
    await mkdir(at("empty"));
    await symlink("nowhere", at("dangling"));
    for (const to of ["other.txt", "a", "empty", "dangling", "file.txt"]) {
      expect(await kindOf(files.move("file.txt", to))).toBe("exists");
    }
    for (const to of ["other.txt", "empty"]) expect(await kindOf(files.move("a/b", to))).toBe("exists");
    expect(await readFile(at("other.txt"), "utf8")).toBe("other");
  });

  test("of a folder into itself, and of what is not there, is refused", async () => {
    expect(await kindOf(files.move("a", "a/b/a"))).toBe("invalid");
    expect(await kindOf(files.move("nothing", "x"))).toBe("missing");
    expect(await kindOf(files.move("", "x"))).toBe("invalid");
    expect(await kindOf(files.move("file.txt", "file.txt/x"))).toBe("invalid");
  });
});

describe("copying", () => {
  test("a folder with all that is in it; links stay links", async () => {
    await symlink("deep.txt", at("a/b/link"));
    await files.copy("a", "copy/of-a");
    expect(await readFile(at("copy/of-a/b/deep.txt"), "utf8")).toBe("deep");
    expect(await readlink(at("copy/of-a/b/link"))).toBe("deep.txt");
    // It leads outside, and nothing of what is there was copied.
    expect(await readlink(at("copy/of-a/hop"))).toBe("../outside");
    expect((await readdir(at("copy"))).toSorted()).toEqual(["of-a"]);
    expect(await readdir(join(data, "notes"))).toEqual([]);
  });

  test("is never over anything, and one that ends early leaves nothing", async () => {
    expect(await kindOf(files.copy("file.txt", "a"))).toBe("exists");
    const before = await tree.snapshot();
    const reason = new Error("enough");
    expect(await files.copy("a", "copied", AbortSignal.abort(reason)).catch((error: unknown) => error)).toBe(reason);
    expect(await tree.snapshot()).toEqual(before);
  });
});

describe("the trash", () => {
  test("keeps a folder, over a restart, and puts it back where it was", async () => {
    let entry;
    {
      await using trash = await openTrash();
      entry = await trash.put("a/b");
      expect(entry).toMatchObject({ path: "a/b", type: "dir", bytes: 4, deletedAt: now });
      expect(await kindOf(files.names("a/b", 10))).toBe("missing");
    }
    await rm(at("a"), { recursive: true });
    await using trash = await openTrash();
    expect(trash.list("a")).toEqual([entry]);
    expect(trash.list("b")).toEqual([]);
    expect(await kindOf(trash.restore(entry.id, "b"))).toBe("missing");
    expect(await trash.restore(entry.id, "a")).toBe("a/b");
    expect(await readFile(at("a/b/deep.txt"), "utf8")).toBe("deep");
    expect(await readdir(join(data, "trash"))).toEqual([]);
    expect(await kindOf(trash.restore(entry.id, "a"))).toBe("missing");
  });

  test("puts nothing over what has taken the place", async () => {
    await using trash = await openTrash();
    const { id } = await trash.put("file.txt");
    await writeFile(at("file.txt"), "newer");
    expect(await kindOf(trash.restore(id, ""))).toBe("exists");
    expect(await readFile(at("file.txt"), "utf8")).toBe("newer");
    await rm(at("file.txt"));
    await trash.restore(id, "");
    expect(await readFile(at("file.txt"), "utf8")).toBe("inside");
  });

  test("takes a link itself", async () => {
    await using trash = await openTrash();
    const { id } = await trash.put("outside");
    expect(await readFile(join(tree.base, "root-evil/secret"), "utf8")).toBe("secret");
    await trash.restore(id, "");
    expect(await readlink(at("outside"))).toBe(join(tree.base, "root-evil"));
  });

  test("is bounded in number, bytes and time, and the last one always stays", async () => {
    await using trash = await openTrash({ maxBytes: 10, maxEntries: 2, keepMs: 1000 });
    for (const name of ["1", "2", "3"]) {
      await writeFile(at(name), "abc");
      await trash.put(name);
    }
    expect(trash.list("").map(({ path }) => path)).toEqual(["3", "2"]);
    await writeFile(at("large"), "x".repeat(100));
    await trash.put("large");
    expect(trash.list("").map(({ path }) => path)).toEqual(["large"]);
    now += 2000;
    await trash.put("file.txt");
    expect(trash.list("").map(({ path }) => path)).toEqual(["file.txt"]);
    expect(await readdir(join(data, "trash"))).toHaveLength(1);
    now += 2000;
    await using later = await openTrash({ keepMs: 1000 });
    expect(later.list("")).toEqual([]);
    expect(await readdir(join(data, "trash"))).toEqual([]);
  });

  test("removes what a killed server left half done", async () => {
    await mkdir(join(data, "trash", crypto.randomUUID()), { recursive: true });
    await writeFile(join(data, "trash", "stray"), "");
    await using trash = await openTrash();
    expect(trash.list("")).toEqual([]);
    expect(await readdir(join(data, "trash"))).toEqual([]);
  });
});

test("names: folders and files apart, as a person counts; links as what they lead to; none that lead out", async () => {
  for (const name of ["10.txt", "9.txt", ".hidden"]) await writeFile(at(name), "");
  const { folders, files: names, truncated } = await files.names("", 1000);
  expect(folders).toEqual(["a", "absolute", "b-link"]);
  expect(names).toEqual([".hidden", "9.txt", "10.txt", "file.txt", "link.txt", "up-and-down"]);
  expect(truncated).toBe(false);
  expect(await files.names("", 2)).toMatchObject({ truncated: true });
});

test("changes: of a folder's names and of a file, and of nothing else", async () => {
  // Long ago: what has just changed is told of twice.
  for (const path of ["a", "a/b", "file.txt"]) await utimes(at(path), 1, 1);
  const stop = new AbortController();
  const changes = files.changes({ folders: ["a", "a/b"], file: "file.txt" }, stop.signal);
  expect((await changes.next()).value).toMatchObject({
    type: "watching",
    seen: [{ path: "a" }, { path: "a/b" }, { path: "file.txt" }],
  });
  await writeFile(at("a/b/deep.txt"), "not a name");
  await utimes(at("a/b"), 1, 1);
  await writeFile(at("file.txt"), "changed");
  expect((await changes.next()).value).toEqual({ type: "file", path: "file.txt" });
  await rm(at("a/b"), { recursive: true });
  const seen = new Map<string, string>();
  while (seen.size < 2) {
    const { value } = await changes.next();
    if (value?.type === "folder") seen.set(value.path, value.type);
  }
  expect([...seen.keys()].toSorted()).toEqual(["a", "a/b"]);
  stop.abort();
  await changes.return(undefined);
});

test("an archive holds files and folders, and no links", async () => {
  const stream = await files.zip("a", new AbortController().signal);
  const bytes = Buffer.from(await new Response(stream).arrayBuffer());
  // The end of an archive: its index's entries, bytes and place.
  const end = bytes.subarray(-22);
  expect([end.readUInt32LE(0), end.readUInt16LE(10)]).toEqual([0x06054b50, 3]);
  const names: string[] = [];
  for (let from = end.readUInt32LE(16); names.length < 3;) {
    const length = bytes.readUInt16LE(from + 28);
    names.push(bytes.toString("utf8", from + 46, from + 46 + length));
    if (names.at(-1) === "b/deep.txt") expect(bytes.readUInt32LE(from + 16)).toBe(Bun.hash.crc32("deep"));
    from += 46 + length + bytes.readUInt16LE(from + 30);
  }
  expect(names).toEqual(["b/", "b/c/", "b/deep.txt"]);
});
