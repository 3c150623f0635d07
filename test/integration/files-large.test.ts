// Large files pass through the server without passing through its memory, and broken transfers leave nothing behind.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type LodgeProcess, spawnLodge, temporaryFolder } from "../harness/process.ts";
import { eventually } from "../harness/processes.ts";

setDefaultTimeout(120_000);

const megabyte = 1024 * 1024;
const size = 300 * megabyte;
/** Bytes that the server may grow by, at its highest. */
const growth = 64 * megabyte;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let lodge: LodgeProcess;
let root: string;
let large: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  lodge = await spawnLodge({ LODGE_DATA: folder.path, LODGE_LOG_LEVEL: "error", LODGE_SPARES: "0" });
  root = join(folder.path, "workspaces");
  large = join(folder.path, "large");
  const piece = crypto.getRandomValues(new Uint8Array(60_000));
  const sink = Bun.file(large).writer();
  for (let written = 0; written < size; written += piece.byteLength) {
    void sink.write(piece.subarray(0, Math.min(piece.byteLength, size - written)));
    piece[written % 60_000]! ^= 1;
    await sink.flush();
  }
  await sink.end();
});
afterAll(async () => {
  await lodge[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Bytes of memory that the server holds, and held at its highest. */
async function memory(): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${lodge.pid}/status`, "utf8");
  const of = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** Begins the counting of the highest again. */
const forgetPeak = () => writeFile(`/proc/${lodge.pid}/clear_refs`, "5");
const openFiles = async () => (await readdir(`/proc/${lodge.pid}/fd`)).length;

const curl = async (...args: string[]) => {
  const child = Bun.spawn(["curl", "-sSf", "-H", "expect:", "-H", `authorization: Bearer ${lodge.token}`, ...args]);
  const [text] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return text;
};

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of stream) hash.update(bytes);
  return hash.digest("hex");
}

test("a large file goes up and down whole, and the server grows by less than 64 MB", async () => {
  const expected = await hashOf(Bun.file(large).stream());
  for (let k = 0; k < 20; k++) {
    await lodge.fetch("/files/warm/up", { method: "PUT", body: `${k}` });
    await (await lodge.fetch("/files/warm/up")).text();
  }
  await forgetPeak();
  const before = await memory();
  expect(JSON.parse(await curl("-T", large, `${lodge.url}/files/up/large`))).toMatchObject({ size });
  expect(await hashOf(Bun.file(join(root, "up/large")).stream())).toBe(expected);
  const copy = join(folder.path, "copy");
  await curl("-o", copy, `${lodge.url}/files/up/large`);
  expect(await hashOf(Bun.file(copy).stream())).toBe(expected);
  await curl("-r", `${200 * megabyte}-`, "-o", copy, `${lodge.url}/files/up/large`);
  expect(await hashOf(Bun.file(copy).stream())).toBe(
    await hashOf(
      Bun.file(large)
        .slice(200 * megabyte)
        .stream(),
    ),
  );
  const { peak } = await memory();
  expect(peak - before.now).toBeLessThan(growth);
});

test("clients that take their time hold no memory, and no file once they are gone", async () => {
  const files = await openFiles();
  await forgetPeak();
  const before = await memory();
  const readers = Array.from({ length: 20 }, async () => {
    const { body } = await lodge.fetch("/files/up/large");
    const reader = body!.getReader();
    for (let taken = 0; taken < megabyte;) taken += (await reader.read()).value!.byteLength;
    return reader;
  });
  const held = await Promise.all(readers);
  expect(await openFiles()).toBeGreaterThan(files + 19);
  expect((await memory()).peak - before.now).toBeLessThan(growth);
  for (const reader of held) await reader.cancel();
  await eventually("the files are closed", async () => (await openFiles()) < files + 5);
});

test("a file that is shortened while it is sent ends the reply, unfinished", async () => {
  const path = join(root, "shrinking");
  await writeFile(path, new Uint8Array(50 * megabyte));
  const { body } = await lodge.fetch("/files/shrinking");
  const reader = body!.getReader();
  await reader.read();
  await truncate(path, 1000);
  const rest = (async () => {
    for (;;) if ((await reader.read()).done) return "whole";
  })();
  expect(await rest.catch(() => "broken")).toBe("broken");
});

test("a replaced file is sent to its end to those who asked for it before", async () => {
  const expected = await hashOf(Bun.file(large).stream());
  const response = await lodge.fetch("/files/up/large");
  const etag = response.headers.get("etag");
  const written = await lodge.fetch("/files/up/large", { method: "PUT", body: "new" });
  expect(written.headers.get("etag")).not.toBe(etag);
  expect(await hashOf(response.body!)).toBe(expected);
  expect(await (await lodge.fetch("/files/up/large")).text()).toBe("new");
});

test.each([
  ["content-length: 100000000", (text: string) => text],
  ["transfer-encoding: chunked", (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`],
])("an upload that breaks off (%s) leaves the old file, and nothing else", async (header, frame) => {
  await mkdir(join(root, "broken"), { recursive: true });
  await writeFile(join(root, "broken/old"), "old");
  const sent = Array.from({ length: 10 }, async (_, k) => {
    const path = k % 2 === 0 ? "broken/old" : `broken/new/${k}`;
    const { port, hostname } = new URL(lodge.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const head = [
      `PUT /files/${path} HTTP/1.1`,
      "host: localhost",
      `authorization: Bearer ${lodge.token}`,
      header,
      "",
      "",
    ];
    socket.write(head.join("\r\n") + frame("x".repeat(3_000_000)));
    return socket;
  });
  const sockets = await Promise.all(sent);
  const temporary = async () =>
    (await readdir(join(root, "broken"))).filter((name) => name.startsWith(".lodge-upload-"));
  await eventually("all are under way", async () => (await temporary()).length === 10);
  const listing = (await (await lodge.fetch("/files/broken")).json()) as { entries: { name: string }[] };
  expect(listing.entries.map(({ name }) => name)).toEqual(["old"]);
  for (const [k, socket] of sockets.entries()) {
    if (k % 3 === 0) socket.resetAndDestroy();
    else if (k % 3 === 1) socket.end();
    else socket.destroy();
  }
  await eventually("nothing is left", async () => (await temporary()).length === 0);
  expect(await readdir(join(root, "broken"))).toEqual(["old"]);
  expect(await readFile(join(root, "broken/old"), "utf8")).toBe("old");
  await eventually("no note is left", async () => (await readdir(join(folder.path, "uploads"))).length === 0);
});
