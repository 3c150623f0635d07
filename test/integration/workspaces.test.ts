// Whole workspaces: made, cloned, imported, named otherwise, deleted and brought back, and what is set for one.
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cloneEvent, type CloneEvent } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames } from "../harness/sse.ts";

let lodge: TestLodge;
let root: string;
let scratch: string;

beforeAll(async () => {
  lodge = await startTestLodge();
  root = join(lodge.data, "workspaces");
  scratch = join(lodge.data, "scratch");
  await mkdir(scratch);
});
afterAll(() => lodge[Symbol.asyncDispose]());

const send = (method: string, path: string, body?: unknown) =>
  lodge.fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });

const make = (name: string) => send("POST", "/api/workspaces", { name });

async function say(content: string, headers: Record<string, string>) {
  const reply = await lodge.post("/v1/chat/completions", { messages: [{ role: "user", content }] }, headers);
  const body = (await reply.json()) as { model: string; choices: { message: { content: string } }[] };
  return { headers: reply.headers, model: body.model, text: body.choices[0]?.message.content };
}

async function run(cwd: string, ...command: string[]): Promise<void> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: scratch,
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const child = Bun.spawn(command, { cwd, env, stdout: "ignore", stderr: "pipe" });
  const words = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${words}`);
}

describe("a new workspace", () => {
  test("is an empty folder, and listed", async () => {
    expect(await (await make("garden plans")).json()).toEqual({ name: "garden plans" });
    expect(await readdir(join(root, "garden plans"))).toEqual([]);
    const { workspaces } = (await (await lodge.fetch("/api/workspaces")).json()) as { workspaces: { name: string }[] };
    expect(workspaces.map(({ name }) => name)).toContain("garden plans");
  });

  test("takes no other's name, and none that leads anywhere", async () => {
    await make("taken");
    expect((await make("taken")).status).toBe(409);
    for (const name of ["", "..", ".hidden", "a/b", "ends .", "ends.", "-dash", "a\u0000b", "x".repeat(101)]) {
      const reply = await make(name);
      expect({ name, status: reply.status }).toEqual({ name, status: 422 });
    }
  });
});

describe("a clone", () => {
  let remote: ReturnType<typeof Bun.serve>;
  beforeAll(async () => {
    const origin = join(scratch, "origin");
    await mkdir(origin);
    await run(origin, "git", "init", "-b", "main");
    await writeFile(join(origin, "README.md"), "cloned");
    await run(origin, "git", "add", ".");
    await run(origin, "git", "commit", "-m", "first");
    await run(origin, "git", "update-server-info");
    // Any web server is a git server for who only reads.
    remote = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async ({ url }) => {
        const file = Bun.file(join(origin, ".git", new URL(url).pathname.replace(/^\/repo/, "")));
        return (await file.exists()) ? new Response(file) : new Response(null, { status: 404 });
      },
    });
  });
  afterAll(() => remote.stop(true));

  const clone = async (name: string, url: string): Promise<CloneEvent[]> => {
    const reply = await send("POST", "/api/workspace-clones", { name, url });
    expect(reply.status).toBe(200);
    return (await collectFrames(reply)).map(({ data }) => cloneEvent.parse(JSON.parse(data)));
  };

  test("has the files of the repository, and says on which branch it is", async () => {
    const events = await clone("cloned", `http://127.0.0.1:${remote.port}/repo`);
    expect(events.at(-1)).toEqual({ type: "done", name: "cloned" });
    expect(await readFile(join(root, "cloned", "README.md"), "utf8")).toBe("cloned");
    await writeFile(join(root, "cloned", "new.txt"), "12345");
    const details = await (await lodge.fetch("/api/workspaces/cloned")).json();
    expect(details).toMatchObject({
      name: "cloned",
      git: { branch: "main", changed: 1, many: false, ahead: 0, behind: 0 },
      size: { truncated: false },
    });
  });

  test("that fails tells why in git's words, and leaves nothing", async () => {
    const [last] = (await clone("none", `http://127.0.0.1:${remote.port}/elsewhere`)).slice(-1);
    expect(last).toMatchObject({ type: "failed", message: expect.stringMatching(/not found|unable to access/) });
    expect(existsSync(join(root, "none"))).toBe(false);
    expect((await readdir(root)).filter((name) => name.startsWith("."))).toEqual([]);
    const taken = await clone("cloned", `http://127.0.0.1:${remote.port}/repo`);
    expect(taken.at(-1)).toMatchObject({ type: "failed", message: expect.stringContaining("already") });
  });

  test("of this machine's own files, or by a program, is none", async () => {
    const origin = join(scratch, "origin");
    for (const url of [origin, `file://${origin}`, "ext::sh -c touch% /tmp/x", "--upload-pack=touch x", "fd::17"]) {
      expect((await clone("local", url)).at(-1)).toMatchObject({ type: "failed" });
    }
    expect(existsSync(join(root, "local"))).toBe(false);
  });
});

describe("an import", () => {
  const bring = (name: string, archive: Uint8Array<ArrayBuffer> | Blob) =>
    lodge.fetch(`/api/workspace-imports?${new URLSearchParams({ name })}`, { method: "POST", body: archive });

  beforeAll(async () => {
    const folder = join(scratch, "packed", "project");
    await mkdir(join(folder, "src"), { recursive: true });
    await writeFile(join(folder, "src", "a.txt"), "from an archive");
    await writeFile(join(folder, "run.sh"), "#!/bin/sh\n");
    await chmod(join(folder, "run.sh"), 0o755);
    await symlink("/etc/passwd", join(folder, "link"));
    await run(join(scratch, "packed"), "tar", "-czf", "../project.tar.gz", "project");
    await run(join(scratch, "packed"), "tar", "-cf", "../project.tar", "project");
  });

  test.each(["project.tar.gz", "project.tar"])("of %s brings files and folders, and no links", async (archive) => {
    const name = `from ${archive.replaceAll(".", " ")}`;
    const reply = await bring(name, Bun.file(join(scratch, archive)));
    expect(await reply.json()).toEqual({ name });
    // The one folder that everything was in is not in the way.
    expect((await readdir(join(root, name))).toSorted()).toEqual(["run.sh", "src"]);
    expect(await readFile(join(root, name, "src", "a.txt"), "utf8")).toBe("from an archive");
    expect(Bun.spawnSync([join(root, name, "run.sh")]).exitCode).toBe(0);
  });

  test("of a ZIP archive, such as the download of another workspace", async () => {
    const zip = await lodge.fetch("/api/workspaces/from%20project%20tar/files/archive?path=");
    expect(zip.status).toBe(200);
    const reply = await bring("from zip", await zip.blob());
    expect(await reply.json()).toEqual({ name: "from zip" });
    expect(await readFile(join(root, "from zip", "src", "a.txt"), "utf8")).toBe("from an archive");
  });

  test("of what leads out, or is no archive, is refused and leaves nothing", async () => {
    await writeFile(join(scratch, "evil.txt"), "evil");
    await mkdir(join(scratch, "inner"), { recursive: true });
    await run(join(scratch, "inner"), "tar", "-cPf", "../evil.tar", "../evil.txt");
    for (const archive of [Bun.file(join(scratch, "evil.tar")), new Blob(["no archive at all"]), new Blob([])]) {
      const reply = await bring("evil", archive);
      expect(reply.status).toBe(400);
    }
    expect(existsSync(join(root, "evil"))).toBe(false);
    expect(existsSync(join(root, "evil.txt"))).toBe(false);
    expect(await readdir(join(lodge.data, "imports"))).toEqual([]);
    expect((await bring("taken", Bun.file(join(scratch, "project.tar")))).status).toBe(409);
  });
});

describe("another name", () => {
  test("takes the settings and the past sessions along", async () => {
    await make("before");
    await send("PUT", "/api/workspace-settings?workspace=before", { hint: "Answer in French." });
    const first = await say("echo: said before", { "x-claude-workspace": "before" });
    const id = first.headers.get("x-claude-session")!;
    const renamed = await send("PATCH", "/api/workspaces/before", { name: "after" });
    expect(await renamed.json()).toEqual({ name: "after" });
    expect(await (await lodge.fetch("/api/workspace-settings?workspace=after")).json()).toMatchObject({
      hint: "Answer in French.",
    });
    const { session } = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as { session: object };
    expect(session).toMatchObject({ workspace: "after", state: { name: "hibernated" } });
    const second = await say("recall", { "x-claude-workspace": "after", "x-claude-session": id });
    expect(second.headers.get("x-lodge-session-source")).toBe("resumed");
    expect(second.text).toBe("echo: said before");
  });

  test("is refused while somebody works there, and when it is taken", async () => {
    await make("busy");
    const reply = await lodge.post(
      "/v1/chat/completions",
      { stream: true, messages: [{ role: "user", content: "slow: 200" }] },
      { "x-claude-workspace": "busy" },
    );
    expect(reply.status).toBe(200);
    for (const [method, body] of [
      ["PATCH", { name: "quiet" }],
      ["DELETE", { confirm: "busy" }],
    ] as const) {
      const refused = await send(method, "/api/workspaces/busy", body);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("works in this workspace") });
    }
    await reply.body?.cancel();
    expect((await send("PATCH", "/api/workspaces/taken", { name: "cloned" })).status).toBe(409);
    expect((await send("PATCH", "/api/workspaces/never", { name: "x" })).status).toBe(404);
  });
});

test("a deleted workspace is gone when its name was typed, and comes back", async () => {
  await make("precious");
  await writeFile(join(root, "precious", "file.txt"), "still here");
  await send("PUT", "/api/workspace-settings?workspace=precious", { hint: "Take care." });
  const refused = await send("DELETE", "/api/workspaces/precious", { confirm: "Precious" });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ field: "confirm" });
  const { id } = (await (await send("DELETE", "/api/workspaces/precious", { confirm: "precious" })).json()) as {
    id: string;
  };
  expect(existsSync(join(root, "precious"))).toBe(false);
  // Another of that name is another.
  await make("precious");
  const hint = async () => (await (await lodge.fetch("/api/workspace-settings?workspace=precious")).json()) as object;
  expect(await hint()).toMatchObject({ hint: null });
  await rm(join(root, "precious"), { recursive: true });
  expect(await (await send("POST", "/api/workspace-restores", { id })).json()).toEqual({ name: "precious" });
  expect(await hint()).toMatchObject({ hint: "Take care." });
  expect(await readFile(join(root, "precious", "file.txt"), "utf8")).toBe("still here");
  expect((await send("POST", "/api/workspace-restores", { id })).status).toBe(404);
  const database = new Database(join(lodge.data, "lodge.sqlite"), { readonly: true });
  const left = database.query("SELECT workspace FROM workspace_preferences WHERE workspace LIKE '%trash%'").all();
  database.close();
  expect(left).toEqual([]);
});

test("what is set for a workspace holds where a request says nothing", async () => {
  await make("preferred");
  const set = await send("PUT", "/api/workspace-settings?workspace=preferred", {
    model: "haiku",
    mode: "model",
    hint: "Be brief.",
  });
  expect(await set.json()).toEqual({
    workspace: "preferred",
    git: null,
    model: "haiku",
    mode: "model",
    hint: "Be brief.",
    mcpServers: null,
  });
  const there = { "x-claude-workspace": "preferred" };
  const plain = await say("echo: x", there);
  expect(plain.model).toContain("haiku");
  const { session } = (await (await lodge.fetch(`/api/sessions/${plain.headers.get("x-claude-session")}`)).json()) as {
    session: object;
  };
  expect(session).toMatchObject({ mode: "model" });
  // A model without tools has only the caller's own system prompt; an agent is told.
  const agent = await say("system", { ...there, "x-claude-mode": "agent" });
  expect(agent.text).toContain("Be brief.");
  const ran = await lodge.post("/run", { prompt: "system", workspace: "preferred" });
  expect(await ran.text()).toContain("Be brief.");
  const back = await send("PUT", "/api/workspace-settings?workspace=preferred", {
    model: null,
    mode: null,
    hint: null,
  });
  const nothing = { git: null, model: null, mode: null, hint: null, mcpServers: null };
  expect(await back.json()).toEqual({ workspace: "preferred", ...nothing });
  expect((await send("PUT", "/api/workspace-settings?workspace=preferred", { mode: "wild" })).status).toBe(422);
});

describe("MCP servers of a workspace", () => {
  const greeter = { command: process.execPath, args: [join(import.meta.dir, "../harness/mcp-greeter.ts")] };
  const greet = 'tool: greet {"name":"Ann"}';
  const there = { "x-claude-workspace": "tooled", "x-claude-mode": "agent" };
  const setServers = (mcpServers: unknown) => send("PUT", "/api/workspace-settings?workspace=tooled", { mcpServers });

  let session: Record<string, string>;

  beforeAll(async () => {
    await make("tooled");
    const env = { GREETING: "Good morning" };
    expect((await setServers({ greeter: { ...greeter, env, alwaysLoad: true } })).status).toBe(200);
  });

  test("are there for its agents, by every way in", async () => {
    const first = await say(greet, there);
    expect(first.text).toContain("Good morning, Ann");
    session = { ...there, "x-claude-session": first.headers.get("x-claude-session")! };
    const ran = await lodge.post("/run", { prompt: greet, workspace: "tooled" });
    expect(await ran.text()).toContain("Good morning, Ann");
    // The interactive CLI does not wait for them: they are there for one of its first turns.
    const typed = { ...there, "x-claude-driver": "terminal", "x-claude-session": crypto.randomUUID() };
    let text: string | undefined = "";
    for (let turn = 0; turn < 10 && !text?.includes("Good morning, Ann"); turn++) ({ text } = await say(greet, typed));
    expect(text).toContain("Good morning, Ann");
  });

  test("are not there for other workspaces, nor for a model without tools", async () => {
    for (const headers of [{ "x-claude-mode": "agent" }, { ...there, "x-claude-mode": "model" }]) {
      expect((await say(greet, headers)).text).not.toContain("Good morning");
    }
  });

  test("hold from the next turn on when they are set otherwise", async () => {
    await setServers({ greeter: { ...greeter, env: { GREETING: "Good night" }, alwaysLoad: true } });
    expect((await say(greet, session)).text).toContain("Good night, Ann");
    await setServers(null);
    expect((await say(greet, session)).text).not.toContain("Good");
  });

  test.each([
    [{ "a b": greeter }],
    [{ a: {} }],
    [{ a: { type: "http", url: "file:///etc/passwd" } }],
    [{ a: { ...greeter, cwd: "/" } }],
    [Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`s${index}`, greeter]))],
  ])("that are none are refused (%#)", async (servers) => expect((await setServers(servers)).status).toBe(422));
});
