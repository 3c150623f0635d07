// The search through files with ripgrep: finds what the search without it finds, and tells nothing that the jail does not.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { WorkspaceFiles } from "../../server/src/workspaces/files/index.ts";
import { searchFiles, type SearchQuery } from "../../server/src/workspaces/files/search.ts";
import { Jail } from "../../server/src/workspaces/jail/index.ts";

let base: string;
let root: string;
let plain: WorkspaceFiles;
let quick: WorkspaceFiles;

/** The one that comes with a client of the tests. */
async function findRipgrep(): Promise<string> {
  const launcher = fileURLToPath(import.meta.resolve("@openai/codex/bin/codex.js"));
  const platform = `@openai/codex-${process.platform}-${process.arch}/package.json`;
  const folder = dirname(createRequire(launcher).resolve(platform));
  const [path] = await Array.fromAsync(new Bun.Glob("vendor/*/codex-path/rg").scan({ cwd: folder, absolute: true }));
  return path!;
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "lodge-search-"));
  root = join(base, "root");
  const ripgrep = await findRipgrep();
  const files = {
    "a.txt": "needle in the first\nnothing\nNEEDLE in the third\n",
    "deep/er/b.ts": "const needle = 1;\n",
    "deep/.hidden/c.md": "a needle",
    ".gitignore": "ignored.txt\nneedle\n",
    "ignored.txt": "needle, though git does not know it",
    "with space/[x] ü.txt": "needle",
    "-dash.txt": "needle",
    "binary.bin": "needle\0needle",
    "crlf.txt": "one\r\nneedle (a+b)*\r\n",
    ".git/config": "needle",
    "deep/node_modules/x/index.js": "needle",
    "large.txt": `${"x".repeat(3_000_000)}\nneedle\n`,
    "needle-in-name.txt": "x",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(base, "outside"));
  await writeFile(join(base, "outside/secret.txt"), "needle");
  await symlink(join(base, "outside"), join(root, "out"));
  await symlink(join(base, "outside/secret.txt"), join(root, "out.txt"));
  const options = { notes: join(base, "notes"), maxBytes: 1000 };
  plain = new WorkspaceFiles(new Jail(root), options);
  quick = new WorkspaceFiles(new Jail(root), { ...options, ripgrep });
});
afterAll(() => rm(base, { recursive: true, force: true }));

const sorted = async (files: WorkspaceFiles, query: Omit<SearchQuery, "limit">) => {
  const { matches, truncated } = await searchFiles(files, { limit: 100, ...query });
  return { truncated, matches: matches.map(({ path, line, text }) => `${path}:${line}:${text}`).toSorted() };
};

describe("with and without it the same is found:", () => {
  test.each<Omit<SearchQuery, "limit">>([
    { path: "", text: "needle" },
    { path: "", text: "NEEDLE" },
    { path: "", text: "nEEdle", ignoreCase: true },
    { path: "deep", text: "needle" },
    { path: "", text: "(a+b)*" },
    { path: "", text: "needle", glob: "*.ts" },
    { path: "", text: "needle", glob: "deep/**" },
    { path: "", text: "needle", name: "HIDDEN" },
    { path: "", text: "one\r\nneedle" },
    { path: "", text: "--files" },
    { path: "", name: "needle" },
    { path: "", glob: "*.txt" },
    { path: "", name: "" },
    { path: "", text: "nobody wrote this" },
  ])("%j", async (query) => {
    // Of what is too large it says more: that nothing is in it, too.
    expect((await sorted(quick, query)).matches).toEqual((await sorted(plain, query)).matches);
  });

  test("something at all, and what is too large is said to be left out only where something is in it", async () => {
    const found = await sorted(quick, { path: "", text: "needle" });
    expect(found.matches).toContain("deep/er/b.ts:1:const needle = 1;");
    expect(found.matches.filter((match) => match.startsWith("out"))).toEqual([]);
    expect(found.truncated).toBe(true);
    expect(await sorted(quick, { path: "", text: "nobody wrote this" })).toEqual({ matches: [], truncated: false });
    expect(await sorted(plain, { path: "", text: "nobody wrote this" })).toEqual({ matches: [], truncated: true });
  });
});

test("it ends at its limit, and with whoever waits for it", async () => {
  expect(await searchFiles(quick, { path: "", text: "e", limit: 2 })).toMatchObject({ truncated: true });
  const stop = new AbortController();
  stop.abort(new Error("gone"));
  const words = (error: Error) => error.message;
  expect(await searchFiles(quick, { path: "", text: "e", limit: 2 }, stop.signal).catch(words)).toBe("gone");
  expect(await searchFiles(quick, { path: "none", text: "e", limit: 2 }).catch(words)).toContain("nothing at");
});

describe("a program that", () => {
  const as = async (script: string): Promise<WorkspaceFiles> => {
    const ripgrep = join(base, `program-${crypto.randomUUID()}`);
    await writeFile(ripgrep, `#!/bin/sh\n${script}\n`);
    await chmod(ripgrep, 0o755);
    return new WorkspaceFiles(new Jail(root), { notes: join(base, "notes"), maxBytes: 1000, ripgrep });
  };

  test("names what is outside, or is not there, is not believed", async () => {
    const names = ["../outside/secret.txt", "/etc/passwd", "out/secret.txt", "out.txt", "gone.txt", "a.txt", "deep"];
    const liar = await as(`printf '%s\\0' ${names.join(" ")}`);
    expect((await sorted(liar, { path: "", text: "needle" })).matches).toEqual(["a.txt:1:needle in the first"]);
  });

  test.each([
    ["fails", "exit 3"],
    ["cannot be run", "exit 127"],
    ["says what is no path", "yes | tr -d '\\n'"],
  ])("%s is done without", async (_, script) => {
    const query = { path: "", text: "needle" };
    expect(await sorted(await as(script), query)).toEqual(await sorted(plain, query));
  });

  test("is not there any more is done without", async () => {
    const gone = new WorkspaceFiles(new Jail(root), {
      notes: join(base, "n"),
      maxBytes: 1,
      ripgrep: join(base, "none"),
    });
    const query = { path: "", text: "needle" };
    expect(await sorted(gone, query)).toEqual(await sorted(plain, query));
  });
});
