// The contract of `/files`, line by line, with fetch and with curl.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { rawRequest } from "../harness/raw-http.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let root: string;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_MAX_UPLOAD_BYTES: "3000000" });
  root = join(lodge.data, "workspaces");
});
afterAll(() => lodge[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  lodge.fetch(`/files/${path}`, { method, headers });
const put = (path: string, body: RequestInit["body"], headers: Record<string, string> = {}) =>
  lodge.fetch(`/files/${path}`, { method: "PUT", body: body ?? null, headers });
const remove = (path: string, headers: Record<string, string> = {}) =>
  lodge.fetch(`/files/${path}`, { method: "DELETE", headers });

async function curl(...args: string[]): Promise<string> {
  const command = ["curl", "-sS", "-H", `authorization: Bearer ${lodge.token}`, "-w", " %{http_code}", ...args];
  return new Response(Bun.spawn(command).stdout).text();
}

interface Listing {
  path: string;
  entries: { name: string; type: string; size?: number; mtime: string }[];
  truncated?: boolean;
}
const list = async (path: string): Promise<Listing> => (await (await get(path)).json()) as Listing;
const detailOf = async (response: Response): Promise<string> => {
  const body = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(body)).toEqual(["detail"]);
  return String(body["detail"]);
};

describe("GET of a folder", () => {
  beforeAll(async () => {
    const folder = join(root, "list");
    await mkdir(join(folder, "sub"), { recursive: true });
    for (const name of ["b.txt", "a.txt", "Z", ".hidden", "ä"]) await writeFile(join(folder, name), name);
  });

  test("gives {path, entries:[{name, type, size?, mtime}]} sorted by name", async () => {
    const listing = await list("list");
    expect(listing.path).toBe("list");
    expect(listing.entries.map(({ name }) => name)).toEqual([".hidden", "Z", "a.txt", "b.txt", "sub", "ä"]);
    expect(listing.entries.map(({ type }) => type)).toEqual(["file", "file", "file", "file", "dir", "file"]);
    expect(listing.entries.map(({ size }) => size)).toEqual([7, 1, 5, 5, undefined, 2]);
    const { mtime } = await stat(join(root, "list/a.txt"));
    expect(listing.entries[2]!.mtime).toBe(mtime.toISOString());
    expect(listing).not.toHaveProperty("truncated");
  });

  test("of the root is at /files", async () => {
    for (const path of ["/files", "/files/"]) {
      const listing = (await (await lodge.fetch(path)).json()) as Listing;
      expect(listing.path).toBe("");
      expect(listing.entries.map(({ name }) => name)).toContain("list");
    }
  });

  test("lists nothing that cannot be opened under its name", async () => {
    const folder = join(root, "odd");
    await mkdir(folder);
    await writeFile(join(folder, "file"), "12345");
    const links = {
      "to-file": "file",
      "to-folder": "../list",
      "to-nothing": "nothing",
      "to-outside": "/etc",
      loop: "loop",
    };
    for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));
    Bun.spawnSync(["mkfifo", join(folder, "pipe")]);
    const server = createServer().listen(join(folder, "socket"));
    await writeFile(join(folder, `.lodge-upload-${crypto.randomUUID()}`), "");
    const listing = await list("odd");
    server.close();
    expect(listing.entries.map(({ name, type, size }) => [name, type, size])).toEqual([
      ["file", "file", 5],
      ["to-file", "file", 5],
      ["to-folder", "dir", undefined],
    ]);
    for (const name of ["pipe", "to-outside"]) expect((await get(`odd/${name}`)).status).toBe(400);
  });

  test("is bounded, says so, and goes on after a name", async () => {
    // In memory where there is such a file system: on a disk that others write to, ten thousand files take seconds.
    const base = await mkdtemp(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "lodge-test-"));
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(base, { recursive: true }));
    const other = stack.use(await startTestLodge({ LODGE_WORKSPACES: base }));
    const names = Array.from({ length: 10_003 }, (_, k) => `f${String(k).padStart(5, "0")}`);
    for (const name of names) writeFileSync(join(base, name), "");
    const page = async (query: string) => (await (await other.fetch(`/files${query}`)).json()) as Listing;
    const first = await page("");
    expect(first.truncated).toBe(true);
    expect(first.entries).toHaveLength(10_000);
    const rest = await page(`?after=${first.entries.at(-1)!.name}`);
    expect(rest.entries.map(({ name }) => name)).toEqual(names.slice(10_000));
  });
});

// Small ones are read at once, large ones are sent by the system: a client sees no difference.
describe.each([
  ["a small file", 1000],
  ["a large file", 100_000],
])("GET of %s", (_, lines) => {
  const content = Array.from({ length: lines }, (__, k) => `line ${k}\n`).join("");
  beforeAll(async () => {
    await mkdir(join(root, "get"), { recursive: true });
    await writeFile(join(root, "get/a.txt"), content);
    await writeFile(join(root, "get/empty"), "");
  });

  test("gives its bytes, with fetch and with curl", async () => {
    expect(await (await get("get/a.txt")).text()).toBe(content);
    expect(await curl(`${lodge.url}/files/get/a.txt`)).toBe(`${content} 200`);
    expect(await curl(`${lodge.url}/files/get/empty`)).toBe(" 200");
  });

  test.each([
    ["a.txt", "text/plain; charset=utf-8"],
    ["a.ts", "text/x-typescript; charset=utf-8"],
    ["a.json", "application/json"],
    ["a.PNG", "image/png"],
    ["a.html", "text/html; charset=utf-8"],
    ["a.svg", "image/svg+xml"],
    ["a.tar.gz", "application/gzip"],
    ["png", "application/octet-stream"],
    ["unknown.qqq", "application/octet-stream"],
  ])("of %s has media type %s", async (name, type) => {
    await put(`types/${name}`, "x");
    expect((await get(`types/${name}`)).headers.get("content-type")).toBe(type);
  });

  test("runs nothing in a browser, whatever the file holds", async () => {
    await put("types/a.html", "<script>alert(1)</script>");
    const { headers } = await get("types/a.html");
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox$/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("has Last-Modified and a strong ETag, which change with the content", async () => {
    await put("get/tag", "one");
    const first = await get("get/tag");
    expect(first.headers.get("etag")).toMatch(/^"[^"]+"$/);
    expect(Date.parse(first.headers.get("last-modified")!)).toBeGreaterThan(Date.now() - 60_000);
    expect((await get("get/tag")).headers.get("etag")).toBe(first.headers.get("etag"));
    const written = await put("get/tag", "two");
    const second = await get("get/tag");
    expect(second.headers.get("etag")).not.toBe(first.headers.get("etag"));
    expect(second.headers.get("etag")).toBe(written.headers.get("etag"));
    // In place, with the same size, as an editor does it.
    await writeFile(join(root, "get/tag"), "six");
    expect((await get("get/tag")).headers.get("etag")).not.toBe(second.headers.get("etag"));
  });

  test("If-None-Match and If-Modified-Since: 304 without a body", async () => {
    const { headers } = await get("get/a.txt");
    const etag = headers.get("etag")!;
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await get("get/a.txt", { "if-none-match": tag });
      expect([response.status, await response.text(), response.headers.get("etag")]).toEqual([304, "", etag]);
    }
    expect((await get("get/a.txt", { "if-none-match": '"other"' })).status).toBe(200);
    const modified = headers.get("last-modified")!;
    expect((await get("get/a.txt", { "if-modified-since": modified })).status).toBe(304);
    expect((await get("get/a.txt", { "if-modified-since": new Date(0).toUTCString() })).status).toBe(200);
    // The tag is the better witness.
    const both = { "if-none-match": '"other"', "if-modified-since": modified };
    expect((await get("get/a.txt", both)).status).toBe(200);
    expect((await get("get/a.txt", { "if-match": '"other"' })).status).toBe(412);
  });

  const size = content.length;
  test.each([
    ["bytes=0-4", 0, 5],
    ["bytes=5-", 5, size],
    ["bytes=-7", size - 7, size],
    [`bytes=-${size * 2}`, 0, size],
    ["bytes=10-99999999", 10, size],
    ["Bytes = 3-3", 3, 4],
  ])("Range %s: 206", async (range, start, end) => {
    const response = await get("get/a.txt", { range });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(response.headers.get("content-length")).toBe(String(end - start));
    expect(await response.text()).toBe(content.slice(start, end));
  });

  test.each([`bytes=${size}-`, "bytes=99999999-", "bytes=-0"])("Range %s: 416", async (range) => {
    const response = await get("get/a.txt", { range });
    expect(response.status).toBe(416);
    expect(response.headers.get("content-range")).toBe(`bytes */${size}`);
    await detailOf(response);
  });

  test.each(["bytes=0-1,5-6", "bytes=5-2", "bytes=a-b", "bytes=-", "lines=1-2", "bytes 1-2"])(
    "Range %s is answered with the whole",
    async (range) => {
      const response = await get("get/a.txt", { range });
      expect([response.status, await response.text()]).toEqual([200, content]);
    },
  );

  test("If-Range: the part of the same version, else the whole", async () => {
    const { headers } = await get("get/a.txt");
    const [etag, modified] = [headers.get("etag")!, headers.get("last-modified")!];
    const status = async (condition: string) =>
      (await get("get/a.txt", { range: "bytes=0-4", "if-range": condition })).status;
    expect([await status(etag), await status(modified)]).toEqual([206, 206]);
    expect([await status('"other"'), await status(`W/${etag}`), await status(new Date(0).toUTCString())]).toEqual([
      200, 200, 200,
    ]);
  });

  test("curl resumes a download", async () => {
    const part = join(lodge.data, "part");
    await writeFile(part, content.slice(0, 3000));
    expect(await curl("-C", "-", "-o", part, `${lodge.url}/files/get/a.txt`)).toBe(" 206");
    expect(await readFile(part, "utf8")).toBe(content);
  });

  test("HEAD: the same headers, no body", async () => {
    const [head, full] = [await get("get/a.txt", {}, "HEAD"), await get("get/a.txt")];
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const name of ["content-length", "content-type", "etag", "last-modified", "accept-ranges"]) {
      expect(head.headers.get(name)).toBe(full.headers.get(name));
    }
    expect((await get("get/none", {}, "HEAD")).status).toBe(404);
    expect(await curl("-I", `${lodge.url}/files/get/a.txt`)).toMatch(/content-length: \d{4,}\r[^]* 200$/i);
  });

  test("missing: 404, below a file, too", async () => {
    for (const path of ["none", "none/below", "get/a.txt/below"]) {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await detailOf(response)).toContain(path);
    }
  });
});

describe("PUT", () => {
  test("writes the body and replies {status, path, size}; parents are made", async () => {
    const response = await put("put/new/folders/a.txt", "hello");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok", path: "put/new/folders/a.txt", size: 5 });
    expect(await readFile(join(root, "put/new/folders/a.txt"), "utf8")).toBe("hello");
    expect(await readdir(join(root, "put/new/folders"))).toEqual(["a.txt"]);
  });

  test("takes any bytes under any content type, with curl as well", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const types = [
      "application/json",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
      "text/plain",
      "",
    ];
    for (const type of types) {
      expect((await put("put/bytes", bytes, type === "" ? {} : { "content-type": type })).status).toBe(200);
      expect(Buffer.compare(await readFile(join(root, "put/bytes")), bytes)).toBe(0);
    }
    await writeFile(join(lodge.data, "local"), bytes);
    const reply = await curl("-T", join(lodge.data, "local"), `${lodge.url}/files/put/curled`);
    expect(reply).toBe('{"status":"ok","path":"put/curled","size":60000} 200');
    expect(Buffer.compare(await readFile(join(root, "put/curled")), bytes)).toBe(0);
  });

  test("takes an empty body, and one of unknown length", async () => {
    expect(await (await put("put/empty", "")).json()).toMatchObject({ size: 0 });
    expect(await (await put("put/none", null)).json()).toMatchObject({ size: 0 });
    const chunks = new Blob(["a".repeat(100_000), "b"]).stream();
    expect(await (await put("put/chunked", chunks)).json()).toMatchObject({ size: 100_001 });
  });

  test("names with blanks, percent signs and letters of any script", async () => {
    for (const name of ["a b", "100%", "日本", "a+b", "#?&", "%2e%2e", "a\nb", "a\\b"]) {
      const path = `put/names/${encodeURIComponent(name)}`;
      expect(await (await put(path, name)).json()).toMatchObject({ path: `put/names/${name}` });
      expect(await (await get(path)).text()).toBe(name);
    }
  });

  test("keeps the mode of a file that it replaces, and follows a link that stays inside", async () => {
    await put("put/script", "1");
    await chmod(join(root, "put/script"), 0o750);
    await symlink("script", join(root, "put/link"));
    expect(await (await put("put/link", "2")).json()).toMatchObject({ path: "put/script" });
    expect((await stat(join(root, "put/script"))).mode & 0o777).toBe(0o750);
    expect(await readFile(join(root, "put/script"), "utf8")).toBe("2");
    expect(
      (await readdir(join(root, "put"), { withFileTypes: true })).find(({ name }) => name === "link")?.isSymbolicLink(),
    ).toBe(true);
  });

  test("If-Match that does not match: 412, and nothing happens", async () => {
    const etag = (await put("put/match", "one")).headers.get("etag")!;
    for (const tag of ['"other"', `W/${etag}`]) {
      const response = await put("put/match", "two", { "if-match": tag });
      expect(response.status).toBe(412);
      await detailOf(response);
    }
    for (const tag of ["*", etag]) expect((await put("put/never/made", "x", { "if-match": tag })).status).toBe(412);
    expect(await readFile(join(root, "put/match"), "utf8")).toBe("one");
    expect((await get("put/never")).status).toBe(404);
    const second = await put("put/match", "two", { "if-match": etag });
    expect(second.status).toBe(200);
    expect((await put("put/match", "three", { "if-match": etag })).status).toBe(412);
    expect((await put("put/match", "three", { "if-match": `"x", ${second.headers.get("etag")}` })).status).toBe(200);
  });

  test("If-None-Match: * only creates", async () => {
    const only = { "if-none-match": "*" };
    expect((await put("put/once", "one", only)).status).toBe(200);
    expect((await put("put/once", "two", only)).status).toBe(412);
    expect(await readFile(join(root, "put/once"), "utf8")).toBe("one");
  });

  test("of many at once with one tag, one wins", async () => {
    const etag = (await put("put/contest", "0")).headers.get("etag")!;
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, k) => put("put/contest", `${k}`, { "if-match": etag })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(9);
    const created = await Promise.all(
      Array.from({ length: 10 }, (_, k) => put("put/created", `${k}`, { "if-none-match": "*" })),
    );
    expect(created.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("of many at once without conditions, each is whole", async () => {
    const bodies = Array.from({ length: 8 }, (_, k) => String(k).repeat(500_000 + k));
    const reads: Promise<string>[] = [];
    const writes = bodies.map(async (body) => {
      await put("put/racy", body);
      reads.push(get("put/racy").then((response) => response.text()));
    });
    await Promise.all(writes);
    for (const text of await Promise.all(reads)) expect(bodies.includes(text)).toBe(true);
    expect(bodies).toContain(await readFile(join(root, "put/racy"), "utf8"));
    expect((await readdir(join(root, "put"))).filter((name) => name.startsWith(".lodge"))).toEqual([]);
  });

  test("over the limit: 413 and nothing is left, whether the length was announced or not", async () => {
    const over = "x".repeat(3_000_001);
    expect((await put("put/over/a", over)).status).toBe(413);
    const response = await put("put/over/b", new Blob([over]).stream());
    expect(response.status).toBe(413);
    expect(await detailOf(response)).toContain("3000000");
    expect((await get("put/over")).status).toBe(404);
    expect((await put("put/at-limit", over.slice(1))).status).toBe(200);
  });

  test("over the limit: 413 before any of it is sent, and what turns out so is read no further", async () => {
    await put("put/kept", "old");
    const announced = await rawRequest(lodge.url, {
      method: "PUT",
      target: "/files/put/kept",
      headers: { authorization: `Bearer ${lodge.token}`, "content-length": "3000001" },
    });
    expect(announced.status).toBe(413);
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pieces++;
        controller.enqueue(new Uint8Array(1_000_000));
      },
    });
    expect((await put("put/kept", endless)).status).toBe(413);
    // Three are the limit; the rest is what buffers on the way take.
    expect(pieces).toBeLessThan(30);
    expect(await readFile(join(root, "put/kept"), "utf8")).toBe("old");
    expect((await readdir(join(root, "put"))).filter((name) => name.startsWith(".lodge"))).toEqual([]);
  });

  test("where a folder is, below a file, or to a name of Lodge's own: 400", async () => {
    await mkdir(join(root, "put/folder"));
    const own = `put/.lodge-upload-${crypto.randomUUID()}`;
    for (const path of ["put/folder", "put/folder/", "put/new-folder/", "put/contest/below", own, `${own}/x`]) {
      const response = await put(path, "x");
      expect([path, response.status]).toEqual([path, 400]);
      await detailOf(response);
    }
    expect((await put("put/part", "x", { "content-range": "bytes 0-0/5" })).status).toBe(400);
  });
});

describe("DELETE", () => {
  test("removes a file", async () => {
    await put("delete/a", "x");
    expect(await (await remove("delete/a")).json()).toEqual({ status: "ok", path: "delete/a" });
    expect((await get("delete/a")).status).toBe(404);
  });

  test("of a folder, the root included: 400 `cannot delete directories`", async () => {
    for (const path of ["/files/delete", "/files/delete/", "/files", "/files/"]) {
      const response = await lodge.fetch(path, { method: "DELETE" });
      expect([path, response.status]).toEqual([path, 400]);
      expect(await detailOf(response)).toBe("cannot delete directories");
    }
  });

  test("missing: 404", async () => {
    expect((await remove("delete/none")).status).toBe(404);
  });

  test("of a link removes the link", async () => {
    await put("delete/target", "kept");
    await symlink("target", join(root, "delete/link"));
    expect((await remove("delete/link")).status).toBe(200);
    expect(await readdir(join(root, "delete"))).toEqual(["target"]);
  });

  test("If-Match that does not match: 412", async () => {
    const etag = (await put("delete/match", "x")).headers.get("etag")!;
    await utimes(join(root, "delete/match"), 1, 1);
    expect((await remove("delete/match", { "if-match": etag })).status).toBe(412);
    expect((await remove("delete/match", { "if-match": "*" })).status).toBe(200);
  });
});

test("without a token: 401; another method: 405", async () => {
  for (const method of ["GET", "PUT", "DELETE"]) {
    const response = await fetch(`${lodge.url}/files/x`, { method });
    expect(response.status).toBe(401);
    await detailOf(response);
  }
  const response = await lodge.fetch("/files/x", { method: "POST", body: "{}" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")!.split(", ").toSorted()).toEqual(["DELETE", "GET", "PUT"]);
});
