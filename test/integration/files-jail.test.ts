// No address under `/files` leaves the workspaces root, however it is written, and nothing is made in trying.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { literal, refused } from "../../server/src/workspaces/jail/testing/corpus.ts";
import { plant } from "../../server/src/workspaces/jail/testing/tree.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { rawRequest } from "../harness/raw-http.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let base: string;

beforeAll(async () => {
  lodge = await startTestLodge();
  base = join(lodge.data, "workspaces");
  await rm(base, { recursive: true });
  await mkdir(base);
  await plant(base, lodge.data);
});
afterAll(() => lodge[Symbol.asyncDispose]());

const everything = new Bun.Glob("{workspaces,workspaces-evil}/**");
const snapshot = async () =>
  (await Array.fromAsync(everything.scan({ cwd: lodge.data, onlyFiles: false, dot: true }))).toSorted();

const methods = ["GET", "HEAD", "PUT", "DELETE"];
const send = (method: string, target: string) =>
  rawRequest(lodge.url, {
    method,
    target,
    headers: { authorization: `Bearer ${lodge.token}`, "content-length": "0" },
  });

/** As curl sends it with `--path-as-is`: dots and slashes plain, everything else encoded. */
const plain = (path: string) => path.split("/").map(encodeURIComponent).join("/");
const dotsEncoded = (path: string) => plain(path).replaceAll(".", "%2e");
const slashesEncoded = (path: string) => encodeURIComponent(path).replaceAll(".", "%2E");

const evil = (path: string) => path.replaceAll("root-evil", "workspaces-evil");

test.each(refused.filter((path) => path.length < 4000).map(evil))("%j is 400", async (path) => {
  const before = await snapshot();
  // What stays below `/files` when the address is resolved is another address, and none of these.
  const climbsBack =
    new URL(`http://host/files/${plain(path)}`).pathname.startsWith("/files/") && /(^|[/\\])\.\./.test(path);
  for (const write of climbsBack ? [slashesEncoded] : [plain, dotsEncoded, slashesEncoded]) {
    for (const method of methods.filter((name) => name !== "HEAD")) {
      const { status, body } = await send(method, `/files/${write(path)}`);
      expect({ method, written: write(path), status, body }).toMatchObject({ status: 400 });
      expect(Object.keys(JSON.parse(body) as object)).toEqual(["detail"]);
      for (const secret of [lodge.data, "/etc/", "/proc"].filter((word) => !path.includes(word))) {
        expect(body).not.toContain(secret);
      }
    }
  }
  expect(await snapshot()).toEqual(before);
  expect(await readFile(join(lodge.data, "workspaces-evil/secret"), "utf8")).toBe("secret");
});

test.each(literal.filter((path) => !path.startsWith("/")))("%j is a name like any other", async (path) => {
  expect((await send("GET", `/files/${slashesEncoded(path)}`)).status).toBe(404);
});

test.each(["%", "%zz", "%ff", "%c0%ae%c0%ae/x", "a%2", "%u002e"])(
  "/files/%s is no valid address: 400",
  async (text) => {
    expect((await send("GET", `/files/${text}`)).status).toBe(400);
  },
);

test.each(["/files/..", "/files/../files-evil", "/files/../run", "/files/%2e%2E/status", "/files/a/../../v1/models"])(
  "%s is no way to another route",
  async (target) => {
    for (const method of methods.slice(2)) expect((await send(method, target)).status).toBe(400);
    expect((await send("GET", target)).status).toBe(400);
  },
);

test.each(["h", "a.b", "x:1", "[::]"])("a host named %s is no way past the token", async (host) => {
  for (const path of ["/files", "/files/file.txt", "/ab/files/file.txt", "/files/files/file.txt", "/abc/status"]) {
    const { status, body } = await rawRequest(lodge.url, { target: path, headers: { host } });
    expect(body).not.toContain("inside");
    expect(path.startsWith("/files") ? status : 401).toBe(401);
    expect(body).not.toContain("busy_workspaces");
  }
  const headers = { host, authorization: `Bearer ${lodge.token}` };
  expect((await rawRequest(lodge.url, { target: "/files/file.txt", headers })).body).toBe("inside");
});

test("of any address, nothing is a 500 and nothing of the outside is read or made", async () => {
  const before = (await snapshot()).filter((path) => path.startsWith("workspaces-evil"));
  const piece = fc.oneof(
    fc.constantFrom(
      "..",
      "%2e%2e",
      "%2f",
      "/",
      "\\",
      "%5c",
      "%00",
      ".",
      "a",
      "outside",
      "chain",
      "to-etc",
      "passwd",
      "secret",
    ),
    fc.string({ maxLength: 8 }).map(encodeURIComponent),
  );
  const address = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("/"));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("GET", "PUT", "DELETE"), address, async (method, path) => {
      const { status, body } = await send(method, `/files/${path}`);
      expect([200, 400, 404]).toContain(status);
      expect(body).not.toMatch(/^secret$|root:x:/);
    }),
    { numRuns: 400 },
  );
  expect((await snapshot()).filter((path) => path.startsWith("workspaces-evil"))).toEqual(before);
  expect(await readFile(join(lodge.data, "workspaces-evil/secret"), "utf8")).toBe("secret");
});
