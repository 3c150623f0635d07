// The files of a workspace under `/api/workspaces/:name/files`: the dashboard's way to them, and no way out of the root.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type DeletedFile,
  fileChange,
  type FileDiff,
  type FileHistory,
  type FileInfo,
  type FolderListing,
  type GitStatus,
  type SearchEvent,
} from "@lodge/shared";
import { literal, refused } from "../../server/src/workspaces/jail/testing/corpus.ts";
import { plant } from "../../server/src/workspaces/jail/testing/tree.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { rawRequest } from "../harness/raw-http.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let root: string;

beforeAll(async () => {
  lodge = await startTestLodge();
  root = join(lodge.data, "workspaces");
  await rm(root, { recursive: true });
  await mkdir(root);
  await plant(root, lodge.data);
  await mkdir(join(root, "shop/src"), { recursive: true });
});
afterAll(() => lodge[Symbol.asyncDispose]());

const address = (route: string, query: Record<string, string> = {}, workspace = "shop") =>
  `/api/workspaces/${encodeURIComponent(workspace)}/files${route}?${new URLSearchParams(query)}`;
const get = (route: string, query: Record<string, string> = {}) => lodge.fetch(address(route, query));
const read = async <T>(route: string, query: Record<string, string> = {}): Promise<T> => {
  const response = await get(route, query);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
};
const post = (route: string, body: object) => lodge.post(address(route), body);
const put = (path: string, body: string, headers: Record<string, string>) =>
  lodge.fetch(address("/content", { path }), { method: "PUT", body, headers });
const shop = (path: string) => join(root, "shop", path);

const unchanged = new Bun.Glob("{workspaces,workspaces-evil}/**");
const snapshot = async () =>
  (await Array.fromAsync(unchanged.scan({ cwd: lodge.data, onlyFiles: false, dot: true }))).toSorted();

describe("no path leads out of the root", () => {
  const evil = refused
    .filter((path) => path.length < 4000)
    .map((path) => path.replaceAll("root-evil", "workspaces-evil"));
  /** Every route that takes a path, by the root as a workspace, where all the links are. */
  const calls = (path: string, workspace: string) => {
    const query = (route: string, extra: Record<string, string> = {}) => ({
      target: address(route, { path, ...extra }, workspace),
      method: "GET",
    });
    const body = (route: string, json: object) => ({
      target: address(route, {}, workspace),
      method: "POST",
      body: JSON.stringify(json),
    });
    return [
      query(""),
      query("/info"),
      query("/content"),
      { ...query("/content"), method: "PUT", headers: { "if-none-match": "*" }, body: "written" },
      query("/archive"),
      query("/search", { text: "secret" }),
      body("/folders", { path }),
      body("/copy", { from: path, to: "copied" }),
      body("/copy", { from: "a", to: path }),
      body("/move", { from: "file.txt", to: path }),
    ];
  };

  test("by any route", async () => {
    const before = await snapshot();
    for (const path of evil) {
      for (const { method, target, ...rest } of calls(path, "/")) {
        const response = await lodge.fetch(target, { method, ...rest });
        const text = await response.text();
        // A link is something, and no more is said of where it leads.
        expect({
          path,
          target,
          status: response.status,
          ok: [400, 404, 409, 422].includes(response.status),
        }).toMatchObject({ ok: true });
        expect(text).not.toContain('"text":"secret');
        expect(text).not.toMatch(/^secret$|root:x:/);
        for (const secret of [lodge.data, "/etc/"].filter((word) => !path.includes(word)))
          expect(text).not.toContain(secret);
      }
    }
    expect(await snapshot()).toEqual(before);
    expect(await readFile(join(lodge.data, "workspaces-evil/secret"), "utf8")).toBe("secret");
  });

  test("by any workspace's name", async () => {
    const before = await snapshot();
    for (const name of [...evil.filter((path) => !path.includes("\0")), ...literal]) {
      const written = encodeURIComponent(name);
      for (const rest of ["files/content?path=secret", "files/git"]) {
        const { status, body } = await rawRequest(lodge.url, {
          target: `/api/workspaces/${written}/${rest}`,
          headers: { authorization: `Bearer ${lodge.token}` },
        });
        expect({ name, rest, refused: [400, 404, 405].includes(status) }).toMatchObject({ refused: true });
        expect(body).not.toMatch(/^secret$/);
      }
    }
    expect(await snapshot()).toEqual(before);
  });
});

test("no token, no files", async () => {
  for (const route of ["", "/content", "/archive", "/deleted", "/changes", "/git"]) {
    expect((await fetch(lodge.url + address(route, { path: "x" }))).status).toBe(401);
  }
});

describe("a folder", () => {
  test("and what is in it may be called anything", async () => {
    const names = ["a,b.txt", "[1]", "{}", "[id].tsx", "a&b=c", "%41", "2026-11-21", " "];
    await mkdir(shop("odd"));
    for (const name of names) expect((await put(`odd/${name}`, name, { "if-none-match": "*" })).status).toBe(200);
    expect((await readdir(shop("odd"))).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(await (await get("/content", { path: `odd/${name}` })).text()).toBe(name);
    await rm(shop("odd"), { recursive: true });
  });

  test("is what it is called, and what is not there is 404", async () => {
    expect(await read<FolderListing>("", { path: "./src//" })).toMatchObject({ path: "src", files: [] });
    expect((await get("", { path: "none" })).status).toBe(404);
    expect((await lodge.fetch(address("", {}, "none"))).status).toBe(404);
  });
});

describe("a file", () => {
  test("is told of: text or not, its type, size and tag", async () => {
    await writeFile(shop("a.ts"), "const ä = 1;\n");
    await writeFile(shop("b.bin"), new Uint8Array([1, 0, 2]));
    await writeFile(shop("latin"), new Uint8Array([0xe4, 0x62]));
    const info = await read<FileInfo>("/info", { path: "a.ts" });
    expect(info).toMatchObject({
      type: "file",
      path: "a.ts",
      size: 14,
      isText: true,
      mediaType: "text/x-typescript; charset=utf-8",
    });
    expect(await read<FileInfo>("/info", { path: "b.bin" })).toMatchObject({ isText: false });
    expect(await read<FileInfo>("/info", { path: "latin" })).toMatchObject({ isText: false });
    expect(await read<FileInfo>("/info", { path: "src" })).toMatchObject({ type: "dir", path: "src" });
    const content = await get("/content", { path: "a.ts" });
    expect(content.headers.get("etag")).toBe(info.type === "file" ? info.etag : "");
    expect(await content.text()).toBe("const ä = 1;\n");
  });

  test.each([
    ["page.html", "<script>parent.document.title='taken'</script>", /sandbox/],
    ["picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", /sandbox/],
    // A browser's viewer does not open in a sandbox, and takes nothing else for a PDF.
    ["paper.pdf", "<script>1</script>", /^frame-ancestors 'self'$/],
  ])("%s runs nothing in the dashboard's place", async (name, text, policy) => {
    await writeFile(shop(name), text);
    const response = await get("/content", { path: name });
    expect(response.headers.get("content-security-policy")).toMatch(policy);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    if (name.endsWith(".pdf")) expect(response.headers.get("content-type")).toBe("application/pdf");
    const kept = await get("/content", { path: name, download: "1" });
    expect(kept.headers.get("content-disposition")).toBe(`attachment; filename="${name}"; filename*=UTF-8''${name}`);
  });

  test("is written over what its writer saw, and nothing else", async () => {
    const made = await put("note.md", "one", { "if-none-match": "*" });
    expect(made.status).toBe(200);
    const etag = made.headers.get("etag")!;
    expect(await made.json()).toEqual({ path: "note.md", etag, size: 3 });
    expect((await put("note.md", "again", { "if-none-match": "*" })).status).toBe(412);
    expect((await put("note.md", "blindly", {})).status).toBe(400);
    // Somebody else was faster.
    await writeFile(shop("note.md"), "by an agent");
    const refusedReply = await put("note.md", "two", { "if-match": etag });
    expect(refusedReply.status).toBe(412);
    expect(await readFile(shop("note.md"), "utf8")).toBe("by an agent");
    const present = refusedReply.headers.get("etag")!;
    expect(present).not.toBe(etag);
    expect((await put("note.md", "merged", { "if-match": present })).status).toBe(200);
    expect(await readFile(shop("note.md"), "utf8")).toBe("merged");
    expect((await readdir(shop("."))).filter((name) => name.startsWith(".lodge"))).toEqual([]);
  });
});

describe("arranging", () => {
  test("new, moved, copied, deleted and brought back", async () => {
    expect((await post("/folders", { path: "box/inner" })).status).toBe(200);
    expect((await post("/folders", { path: "box" })).status).toBe(409);
    await put("box/inner/x.txt", "x", { "if-none-match": "*" });
    expect(await (await post("/move", { from: "box/inner/x.txt", to: "box/y.txt" })).json()).toEqual({
      path: "box/y.txt",
    });
    expect((await post("/copy", { from: "box", to: "crate" })).status).toBe(200);
    expect((await post("/copy", { from: "box", to: "crate" })).status).toBe(409);
    const gone = (await (await post("/delete", { path: "box" })).json()) as DeletedFile;
    expect(gone).toMatchObject({ path: "box", type: "dir", bytes: 1 });
    expect(await readFile(shop("crate/y.txt"), "utf8")).toBe("x");
    expect((await read<{ deleted: DeletedFile[] }>("/deleted")).deleted).toEqual([gone]);
    await mkdir(shop("box"));
    expect((await post(`/deleted/${gone.id}/restore`, {})).status).toBe(409);
    await rm(shop("box"), { recursive: true });
    expect(await (await post(`/deleted/${gone.id}/restore`, {})).json()).toEqual({ path: "box" });
    expect(await readFile(shop("box/y.txt"), "utf8")).toBe("x");
    expect((await post(`/deleted/${gone.id}/restore`, {})).status).toBe(404);
  });

  test("the workspace itself stays", async () => {
    for (const path of ["/", "."]) {
      expect((await post("/delete", { path })).status).toBe(400);
      expect((await post("/move", { from: path, to: "x" })).status).toBe(400);
    }
    expect((await post("/delete", { path: "" })).status).toBe(422);
  });
});

test("a folder is downloaded as an archive", async () => {
  await mkdir(shop("packed"));
  await writeFile(shop("packed/large"), Buffer.alloc(3_000_000, "x"));
  const response = await get("/archive", { path: "packed" });
  expect(response.headers.get("content-type")).toBe("application/zip");
  expect(response.headers.get("content-disposition")).toContain('filename="packed.zip"');
  const bytes = await response.bytes();
  expect(bytes.byteLength).toBeGreaterThan(3_000_000);
  expect(bytes.subarray(0, 4)).toEqual(new Uint8Array([0x50, 0x4b, 3, 4]));
  await rm(shop("packed"), { recursive: true });
});

test("a search tells what it finds, and whether it looked at everything", async () => {
  await writeFile(shop("src/deep.ts"), "// Needle here\nconst x = 1;\nneedle();\n");
  const events = async (query: Record<string, string>) =>
    (await (await get("/search", query)).text())
      .split("\n\n")
      .filter((frame) => frame.startsWith("data: "))
      .map((frame) => JSON.parse(frame.slice(6)) as SearchEvent);
  expect(await events({ text: "needle" })).toEqual([
    { type: "match", path: "src/deep.ts", line: 1, text: "// Needle here" },
    { type: "match", path: "src/deep.ts", line: 3, text: "needle();" },
    { type: "end", truncated: false },
  ]);
  expect(await events({ text: "needle", case: "same" })).toHaveLength(2);
  expect(await events({ name: "SRC/DE" })).toEqual([
    { type: "match", path: "src/deep.ts" },
    { type: "end", truncated: false },
  ]);
  expect((await get("/search", {})).status).toBe(422);
  expect((await get("/search", { text: "x", path: "none" })).status).toBe(404);
});

test("what git knows: the state, a file before and after, its history through a rename", async () => {
  const git = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(
      ["git", "-c", "user.name=Ann", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", ...args],
      { cwd: shop("repo") },
    );
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  const inRepo = <T>(route: string, query: Record<string, string> = {}) =>
    lodge.fetch(address(route, query, "shop/repo")).then((reply) => reply.json()) as Promise<T>;
  expect(await read<GitStatus>("/git")).toEqual({ repository: null });
  await mkdir(shop("repo"));
  git("init");
  await writeFile(shop("repo/old.ts"), "one\ntwo\nthree\n");
  expect(await inRepo<FileHistory>("/git/history", { path: "old.ts" })).toEqual({ commits: [] });
  git("add", ".");
  git("commit", "-m", "first");
  git("mv", "old.ts", "new name.ts");
  git("commit", "-m", "second");
  await writeFile(shop("repo/new name.ts"), "one\ntwo\nfour\n");
  await writeFile(shop("repo/fresh.ts"), "");
  expect(await inRepo<GitStatus>("/git")).toEqual({
    repository: {
      branch: "main",
      ahead: 0,
      behind: 0,
      changes: [
        { path: "new name.ts", state: "modified" },
        { path: "fresh.ts", state: "untracked" },
      ],
      truncated: false,
    },
  });
  expect(await inRepo<FileDiff>("/git/diff", { path: "new name.ts" })).toEqual({
    before: "one\ntwo\nthree\n",
    after: "one\ntwo\nfour\n",
  });
  expect(await inRepo<FileDiff>("/git/diff", { path: "fresh.ts" })).toEqual({ before: null, after: "" });
  const { commits } = await inRepo<FileHistory>("/git/history", { path: "new name.ts" });
  expect(commits).toMatchObject([
    { subject: "second", author: "Ann", path: "new name.ts", previousPath: "old.ts" },
    { subject: "first", path: "old.ts", previousPath: null },
  ]);
  expect(await inRepo<FileDiff>("/git/diff", { path: "old.ts", commit: commits[1]!.id })).toEqual({
    before: null,
    after: "one\ntwo\nthree\n",
  });
  expect((await get("/git/diff", { path: "x", commit: "--help" })).status).toBe(422);
});

test("what changes is told of while it is looked at", async () => {
  await writeFile(shop("watched.txt"), "one");
  for (const path of [".", "src", "watched.txt"]) await utimes(shop(path), 1, 1);
  const leaving = new AbortController();
  const response = await lodge.fetch(address("/changes", { folders: '["","src"]', file: "watched.txt" }), {
    signal: leaving.signal,
  });
  expect(response.status).toBe(200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async () => {
    for (;;) {
      const end = text.indexOf("\n\n");
      const frame = text.slice(0, end);
      if (end >= 0) text = text.slice(end + 2);
      if (end >= 0 && frame.startsWith("data: ")) return fileChange.parse(JSON.parse(frame.slice(6)));
      if (end >= 0) continue;
      const { done, value } = await reader.read();
      if (done) throw new Error("the stream ended");
      text += value;
    }
  };
  const { version } = await read<FolderListing>("", { path: "src" });
  expect(await next()).toMatchObject({
    type: "watching",
    seen: [{ path: "" }, { path: "src", version }, { path: "watched.txt" }],
  });
  await writeFile(shop("src/new.ts"), "");
  expect(await next()).toEqual({ type: "folder", path: "src" });
  await symlink("watched.txt", shop("new-link"));
  let change = await next();
  while (change.type !== "folder" || change.path !== "") change = await next();
  await writeFile(shop("watched.txt"), "two");
  while (change.type !== "file") change = await next();
  expect(change).toEqual({ type: "file", path: "watched.txt" });
  leaving.abort();
  expect((await get("/changes", { folders: "nonsense" })).status).toBe(422);
});
