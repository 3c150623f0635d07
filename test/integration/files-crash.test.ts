// The server is killed in the middle of uploads: nothing half written is ever seen, before or after its next start.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { spawnLodge, temporaryFolder } from "../harness/process.ts";
import { eventually } from "../harness/processes.ts";

setDefaultTimeout(60_000);

const uploads = 20;
const old = (k: number) => `old content of ${k}`;

test("kill -9 in the middle of 20 uploads", async () => {
  await using folder = await temporaryFolder();
  const root = join(folder.path, "workspaces");
  const settings = { LODGE_DATA: folder.path, LODGE_LOG_LEVEL: "error", LODGE_SPARES: "0" };
  for (let k = 0; k < uploads; k++) await mkdir(join(root, `w${k}`, "deep"), { recursive: true });
  for (let k = 0; k < uploads; k += 2) await writeFile(join(root, `w${k}`, "file"), old(k));
  const everything = async () =>
    (await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: root, dot: true }))).toSorted();
  const before = await everything();

  const sockets: Socket[] = [];
  const lodge = await spawnLodge(settings);
  const finished = await lodge.fetch("/files/w1/finished", { method: "PUT", body: "finished" });
  expect(finished.status).toBe(200);
  const { port, hostname } = new URL(lodge.url);
  for (let k = 0; k < uploads; k++) {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const head = [
      `PUT /files/w${k}/${k % 4 === 3 ? "new/folder/" : ""}file HTTP/1.1`,
      "host: localhost",
      `authorization: Bearer ${lodge.token}`,
      "content-length: 50000000",
    ];
    socket.write([...head, "", ""].join("\r\n") + "x".repeat(2_000_000));
    sockets.push(socket);
  }
  const halves = async () => (await everything()).filter((path) => path.includes(".lodge-upload-"));
  await eventually("all are under way", async () => (await halves()).length === uploads);
  process.kill(lodge.pid, "SIGKILL");
  await lodge.ended;
  for (const socket of sockets) socket.destroy();
  expect(await halves()).toHaveLength(uploads);

  await using next = await spawnLodge(settings);
  expect(await everything()).toEqual([...before, "w1/finished"].toSorted());
  expect(await readdir(join(folder.path, "uploads"))).toEqual([]);
  for (let k = 0; k < uploads; k++) {
    const response = await next.fetch(`/files/w${k}/file`);
    expect([k, response.status]).toEqual([k, k % 2 === 0 ? 200 : 404]);
    if (k % 2 === 0) expect(await response.text()).toBe(old(k));
    const { entries } = (await (await next.fetch(`/files/w${k}`)).json()) as { entries: { name: string }[] };
    expect(entries.map(({ name }) => name)).not.toContain("new");
    expect(entries.some(({ name }) => name.startsWith("."))).toBe(false);
    expect((await next.fetch(`/files/w${k}/file`, { method: "PUT", body: "again" })).status).toBe(200);
  }
  expect(await readFile(join(root, "w1/finished"), "utf8")).toBe("finished");
});
