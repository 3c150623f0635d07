// HEAD is answered on every address that GET is, as GET would be and without a body, streams without an end included.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(20_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
  await mkdir(join(lodge.data, "workspaces/a"), { recursive: true });
  await writeFile(join(lodge.data, "workspaces/a/file.txt"), "12345");
});
afterAll(() => lodge[Symbol.asyncDispose]());

const head = (path: string) => lodge.fetch(path, { method: "HEAD" });

test.each([
  "/status",
  "/v1/models",
  "/jobs",
  "/files/a",
  "/files/a/file.txt",
  "/api/workspaces/a/files/content?path=file.txt",
  "/health",
])("%s says how long GET's body is", async (path) => {
  const [without, whole] = [await head(path), await lodge.fetch(path)];
  const body = await whole.arrayBuffer();
  expect([without.status, await without.text()]).toEqual([whole.status, ""]);
  expect(without.headers.get("content-length")).toBe(String(body.byteLength));
  expect(without.headers.get("content-type")).toBe(whole.headers.get("content-type"));
});

test.each(["/api/events", '/api/workspaces/a/files/changes?folders=[""]', "/api/workspaces/a/files/archive"])(
  "%s is not read to an end that may never come",
  async (path) => {
    const response = await head(path);
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(response.headers.get("content-type")).toMatch(/event-stream|zip/);
  },
);

test.each(["/jobs/none", "/run", "/nothing/here/api", "/api/nothing"])("%s fails as GET does", async (path) => {
  const [without, whole] = [await head(path), await lodge.fetch(path)];
  expect([without.status, await without.text()]).toEqual([whole.status, ""]);
});

test("it needs the token as GET does", async () => {
  for (const path of ["/api/events", "/files/a/file.txt", "/jobs"]) {
    expect((await fetch(lodge.url + path, { method: "HEAD" })).status).toBe(401);
  }
});
