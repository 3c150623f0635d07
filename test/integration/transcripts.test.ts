// The transcripts that the real CLI writes, read in pages.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TranscriptEntry, transcriptEntry, type TranscriptPage, transcriptPage } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge();
  await mkdir(join(lodge.data, "workspaces", "shop"));
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** One turn in the session of that name; the session's id. */
async function ask(content: string, name: string, headers: Record<string, string> = {}): Promise<string> {
  const reply = await lodge.post(
    "/v1/messages",
    { model: "sonnet", max_tokens: 100_000, messages: [{ role: "user", content }] },
    { "x-claude-session": name, "x-claude-mode": "agent", "x-claude-workspace": "shop", ...headers },
  );
  await reply.text();
  return reply.headers.get("x-claude-session") ?? "";
}

async function page(id: string, query: Record<string, string> = {}): Promise<TranscriptPage> {
  const reply = await lodge.fetch(`/api/sessions/${id}/transcript?${new URLSearchParams(query)}`);
  return transcriptPage.parse(await reply.json());
}

/** Every record of a file is written when the turn is over, but the last of them a moment later. */
async function pageWith(id: string, has: (entry: TranscriptEntry) => boolean): Promise<TranscriptPage> {
  for (;;) {
    const found = await page(id);
    if (found.entries.some(has)) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const said = (text: string) => (entry: TranscriptEntry) => entry.kind === "text" && entry.text.startsWith(text);

async function transcriptFile(id: string): Promise<string> {
  const root = join(lodge.data, "demo", "claude", "projects");
  for (const project of await readdir(root)) {
    const path = join(root, project, `${id}.jsonl`);
    if (await Bun.file(path).exists()) return path;
  }
  throw new Error(`no transcript of ${id}`);
}

for (const driver of ["stream", "terminal"]) {
  test(`a turn with tools is told in order, by the ${driver} driver`, async () => {
    const path = join(lodge.data, "workspaces", "shop", `${driver}.txt`);
    const headers = { "x-claude-driver": driver };
    await ask("think: First of all", driver, headers);
    await ask(`tool: Write ${JSON.stringify({ file_path: path, content: "one\ntwo\n" })}`, driver, headers);
    const edit = `tool: Edit ${JSON.stringify({ file_path: path, old_string: "two", new_string: "three" })}`;
    const id = await ask(`${edit}\ntool: Read ${JSON.stringify({ file_path: "/nowhere" })}`, driver, headers);
    const { entries, older, more, skipped } = await pageWith(id, said("Edit -> "));

    const kinds = entries.map(({ kind }) => kind).join(" ");
    expect(kinds).toBe(
      "user thinking text user tool_call tool_result text user tool_call tool_call tool_result tool_result text",
    );
    expect(entries[1]).toMatchObject({ text: "First of all", message: { model: expect.stringContaining("sonnet") } });
    expect(entries[4]).toMatchObject({ name: "Write", input: { content: "one\ntwo\n" }, sidechain: false });
    const results = entries.filter((entry) => entry.kind === "tool_result");
    expect(results.find(({ patch }) => patch !== undefined)?.patch).toMatchObject([
      { lines: [" one", "-two", "+three"] },
    ]);
    expect(results.some(({ isError, text }) => isError && text.includes("does not exist"))).toBe(true);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
    expect({ older, more, skipped }).toEqual({ older: null, more: false, skipped: 0 });
  });
}

describe("pages", () => {
  test("go back to the beginning and on to what is said next, each entry once", async () => {
    const id = await ask("echo: one", "pages");
    await ask("echo: two", "pages");
    const all = (await pageWith(id, said("two"))).entries;
    const end = await page(id, { limit: "1" });
    expect(end.entries).toEqual(all.slice(-1));
    const back = [...end.entries];
    for (let older = end.older; older !== null;) {
      const before = await page(id, { before: older, limit: "2" });
      back.unshift(...before.entries);
      older = before.older;
    }
    expect(back).toEqual(all);

    expect((await page(id, { after: end.newer! })).entries).toEqual([]);
    await ask("echo: three", "pages");
    await pageWith(id, said("three"));
    const next = await page(id, { after: end.newer!, limit: "1" });
    expect(next).toMatchObject({ entries: [{ kind: "user", text: "echo: three" }], more: true, older: null });
    const last = await page(id, { after: next.newer! });
    expect(last.entries).toMatchObject([{ kind: "text", text: "three" }]);
  });

  test("pass over a record that cannot be read, and say so", async () => {
    const id = await ask("echo: before", "broken");
    await pageWith(id, said("before"));
    const { newer } = await page(id);
    const path = await transcriptFile(id);
    const record = {
      type: "user",
      uuid: "u-after",
      timestamp: "2026-11-21T06:00:00.000Z",
      message: { content: "after" },
    };
    await appendFile(path, `{"type":"assistant","uu\n${JSON.stringify(record)}\n{"half a`);
    expect(await page(id, { after: newer! })).toMatchObject({ entries: [{ text: "after" }], skipped: 1 });
    expect(await page(id)).toMatchObject({ skipped: 1, replaced: false });
  });

  test("begin again when the file is another one", async () => {
    const id = await ask("echo: first", "replaced");
    await pageWith(id, said("first"));
    const { newer } = await page(id);
    const path = await transcriptFile(id);
    const first = (await readFile(path, "utf8")).split("\n").find((line) => line.includes('"type":"user"'));
    await writeFile(path, `${first}\n`);
    const after = await page(id, { after: newer! });
    expect(after).toMatchObject({ entries: [{ text: "echo: first" }], replaced: true, older: null });
  });

  test("cut what is long, and give all of it when asked", async () => {
    const id = await ask("long: 50000", "long");
    const { entries } = await pageWith(id, (entry) => entry.kind === "text");
    const cut = entries.find((entry) => entry.kind === "text")!;
    expect(cut.text).toHaveLength(8000);
    const query = new URLSearchParams({ entry: cut.id, whole: cut.whole! });
    const whole = transcriptEntry.parse(
      await (await lodge.fetch(`/api/sessions/${id}/transcript/entry?${query}`)).json(),
    );
    expect(whole).toMatchObject({ id: cut.id, kind: "text" });
    expect(whole.kind === "text" && whole.text).toHaveLength(50_000);
    expect(whole).not.toHaveProperty("whole");
    const gone = new URLSearchParams({ entry: "none", whole: cut.whole! });
    expect((await lodge.fetch(`/api/sessions/${id}/transcript/entry?${gone}`)).status).toBe(404);
  });
});

test("a subagent has a transcript of its own", async () => {
  const input = { description: "Look around", prompt: "echo: Nothing here.", subagent_type: "general-purpose" };
  const id = await ask(`tool: Agent ${JSON.stringify(input)}`, "agents");
  const { entries } = await pageWith(id, (entry) => entry.kind === "tool_result");
  const result = entries.find((entry) => entry.kind === "tool_result");
  expect(result?.agent).toBeString();
  for (;;) {
    const inner = await page(id, { agent: result!.agent! });
    if (inner.entries.length >= 2) {
      expect(inner.entries).toMatchObject([
        { kind: "user", text: "echo: Nothing here.", sidechain: true },
        { kind: "text", text: "Nothing here.", sidechain: true },
      ]);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

describe("refused", () => {
  test.each([
    ["no session", `/api/sessions/${crypto.randomUUID()}/transcript`, 404],
    ["no id", "/api/sessions/one/transcript", 422],
    ["a cursor that is none", `/api/sessions/${crypto.randomUUID()}/transcript?after=12`, 422],
    ["an agent that leads elsewhere", `/api/sessions/${crypto.randomUUID()}/transcript?agent=../../x`, 422],
    ["too many entries", `/api/sessions/${crypto.randomUUID()}/transcript?limit=501`, 422],
    ["two directions", `/api/sessions/${crypto.randomUUID()}/transcript?after=1-1&before=1-1`, 422],
  ])("%s", async (_, path, status) => expect((await lodge.fetch(path)).status).toBe(status));

  test("a stranger", async () => {
    const path = `${lodge.url}/api/sessions/${crypto.randomUUID()}/transcript`;
    expect((await fetch(path)).status).toBe(401);
  });
});
