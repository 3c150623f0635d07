// What a person does with sessions beyond their turns: looks for them, names, forks, exports and deletes them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sessionChoices, sessionListPage, sessionSearchEvent, type SessionSummary } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames } from "../harness/sse.ts";
import { TestTerminal } from "../harness/terminal.ts";

let lodge: TestLodge;
/** Three sessions: two in `site`, one at the root. */
let red: string;
let green: string;
let blue: string;

beforeAll(async () => {
  lodge = await startTestLodge();
  await mkdir(join(lodge.data, "workspaces", "site"), { recursive: true });
  [red, green, blue] = await Promise.all([
    say([{ role: "user", content: "echo: red wagon" }], { "x-claude-workspace": "site" }),
    say([{ role: "user", content: "echo: green `door`" }], { "x-claude-workspace": "site", "x-claude-mode": "model" }),
    say([{ role: "user", content: "echo: blue 100% wagon" }]),
  ]);
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** One turn; resolves with its session. */
async function say(messages: object[], headers: Record<string, string> = {}): Promise<string> {
  const reply = await lodge.post("/v1/chat/completions", { model: "haiku", messages }, headers);
  expect(reply.status).toBe(200);
  await reply.text();
  return reply.headers.get("x-claude-session")!;
}

async function list(query: Record<string, string> = {}) {
  const reply = await lodge.fetch(`/api/sessions?${new URLSearchParams(query)}`);
  expect(reply.status).toBe(200);
  return sessionListPage.parse(await reply.json());
}

const idsOf = ({ sessions }: { sessions: SessionSummary[] }) => sessions.map(({ id }) => id).toSorted();

const send = (method: string, path: string, body?: unknown) =>
  lodge.fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });

async function transcripts(): Promise<string[]> {
  const projects = join(lodge.data, "demo", "claude", "projects");
  return (await readdir(projects, { recursive: true })).map((path) => path.split("/").at(-1)!);
}

describe("the list", () => {
  test("is narrowed down by each filter, and by several together", async () => {
    expect(idsOf(await list())).toEqual([red, green, blue].toSorted());
    expect(idsOf(await list({ workspace: "site" }))).toEqual([red, green].toSorted());
    expect(idsOf(await list({ mode: "model" }))).toEqual([green]);
    expect(idsOf(await list({ workspace: "site", mode: "agent" }))).toEqual([red]);
    expect(idsOf(await list({ driver: "terminal" }))).toEqual([]);
    expect(idsOf(await list({ source: "cold" }))).toEqual([red, green, blue].toSorted());
  });

  test("finds words in any order and letter case, and takes signs for what they are", async () => {
    expect(idsOf(await list({ q: "WAGON red" }))).toEqual([red]);
    expect(idsOf(await list({ q: "100%" }))).toEqual([blue]);
    expect(idsOf(await list({ q: "%" }))).toEqual([blue]);
    expect(idsOf(await list({ q: "_" }))).toEqual([]);
    expect(idsOf(await list({ q: red.slice(0, 13) }))).toEqual([red]);
    expect(idsOf(await list({ q: red.slice(9) }))).toEqual([]);
    expect((await list({ q: "wagon" })).total).toMatchObject({ sessions: 2 });
  });

  test("tells what all sessions have that one can filter by", async () => {
    const reply = await lodge.fetch("/api/session-choices");
    const { workspace, model, tag } = sessionChoices.parse(await reply.json());
    const { sessions } = await list();
    expect(workspace).toEqual([...new Set(sessions.map((each) => each.workspace))].filter(Boolean).toSorted());
    expect(workspace).toContain("site");
    expect(model).toEqual([...new Set(sessions.map((each) => each.model))].toSorted());
    expect(tag).toEqual([]);
  });

  test("comes by the page", async () => {
    const first = await list({ limit: "2" });
    expect(first.sessions).toHaveLength(2);
    expect(first.total.sessions).toBe(3);
    const second = await list({ limit: "2", cursor: first.next! });
    expect(second.total.sessions).toBe(1);
    expect(second.next).toBeNull();
    expect([...idsOf(first), ...idsOf(second)].toSorted()).toEqual([red, green, blue].toSorted());
  });
});

test("a session tells how much of its context is used: what its latest call was given and gave", async () => {
  const id = await say([{ role: "user", content: "echo: a short one" }], { "x-claude-mode": "model" });
  const context = async () => {
    const { session } = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as { session: SessionSummary };
    return { ...session.context, inputTokens: session.inputTokens, outputTokens: session.outputTokens };
  };
  const first = await context();
  expect(first.tokens).toBe(first.inputTokens + first.outputTokens);
  expect(first.window).toBeGreaterThanOrEqual(200_000);
  await say([{ role: "user", content: "long: 4000" }], { "x-claude-session": id, "x-claude-mode": "model" });
  const second = await context();
  // Of both turns the session counts all that was sent; its context holds each word once.
  expect(second.tokens).toBe(second.inputTokens + second.outputTokens - first.tokens!);
  expect(second.tokens! - first.tokens!).toBeGreaterThan(500);
  await lodge.restart();
  expect(await context()).toEqual(second);
});

test("who watches a session is told with it, and who of them types", async () => {
  const id = await say([{ role: "user", content: "echo: look at me" }], { "x-claude-driver": "terminal" });
  await using watch = await lodge.watch();
  const viewers = () => watch.sessions.get(id)?.viewers;
  expect(viewers()).toBeUndefined();
  {
    using _ann = await TestTerminal.open(lodge, id, { name: "Ann", role: "control" });
    using ben = await TestTerminal.open(lodge, id, { name: "Ben" });
    await watch.until(() => viewers()?.length === 2 || undefined);
    expect(viewers()!.map(({ name }) => name)).toEqual(["Ann", "Ben"]);
    expect(viewers()![1]).toEqual({ name: "Ben", control: false });
    ben.drop();
    await watch.until(() => viewers()?.length === 1 || undefined);
  }
  await watch.until(() => (viewers() === undefined ? true : undefined));
});

describe("a title and tags", () => {
  test("are kept, told to who watches, found, and taken back", async () => {
    await using watch = await lodge.watch();
    const changed = await send("PATCH", `/api/sessions/${red}`, {
      title: "The red one",
      tags: ["toys", "to do", "toys"],
    });
    expect(await changed.json()).toMatchObject({ session: { title: "The red one", tags: ["toys", "to do"] } });
    await watch.until(() => (watch.sessions.get(red)?.title === "The red one" ? true : undefined));
    // A turn does not lose them.
    await say([{ role: "user", content: "echo: more" }], { "x-claude-workspace": "site", "x-claude-session": red });
    expect(idsOf(await list({ tag: "to do" }))).toEqual([red]);
    expect(idsOf(await list({ q: "red one" }))).toEqual([red]);
    const back = await send("PATCH", `/api/sessions/${red}`, { title: "" });
    expect(await back.json()).toMatchObject({ session: { title: "echo: red wagon", tags: ["toys", "to do"] } });
  });

  test("that are none are refused by name", async () => {
    for (const [body, field] of [
      [{ title: "x".repeat(201) }, "title"],
      [{ tags: ["a,b"] }, "tags.0"],
      [{ tags: [" "] }, "tags.0"],
      [{ tags: Array.from({ length: 13 }, (_, index) => `t${index}`) }, "tags"],
    ] as const) {
      const reply = await send("PATCH", `/api/sessions/${red}`, body);
      expect(reply.status).toBe(422);
      expect(await reply.json()).toMatchObject({ field });
    }
    expect((await send("PATCH", `/api/sessions/${crypto.randomUUID()}`, { title: "x" })).status).toBe(404);
  });
});

describe("a fork", () => {
  test("goes on from where the other is, and leaves it as it was", async () => {
    const reply = await send("POST", `/api/sessions/${blue}/fork`, {});
    const { session } = (await reply.json()) as { session: SessionSummary };
    expect(session).toMatchObject({
      title: "echo: blue 100% wagon (fork)",
      turns: 0,
      costUsd: 0,
      state: { name: "hibernated" },
    });
    const before = lodge.requests.length;
    await say([{ role: "user", content: "recall" }], { "x-claude-session": session.id });
    expect(JSON.stringify(lodge.requests.slice(before))).toContain("blue 100% wagon");
    const { session: forked } = (await (await lodge.fetch(`/api/sessions/${session.id}`)).json()) as typeof reply & {
      session: SessionSummary;
    };
    expect(forked).toMatchObject({ turns: 1, lastWords: "echo: blue 100% wagon" });
    const { session: original } = (await (await lodge.fetch(`/api/sessions/${blue}`)).json()) as {
      session: SessionSummary;
    };
    expect(original).toMatchObject({ turns: 1, lastWords: "blue 100% wagon" });
  });

  test("ends with the entry that was named", async () => {
    await say([{ role: "user", content: "echo: and a later turn" }], { "x-claude-session": blue });
    const page = (await (await lodge.fetch(`/api/sessions/${blue}/transcript`)).json()) as {
      entries: { id: string; kind: string }[];
    };
    const answer = page.entries.find(({ kind }) => kind === "text")!;
    const { session } = (await (await send("POST", `/api/sessions/${blue}/fork`, { entry: answer.id })).json()) as {
      session: SessionSummary;
    };
    const before = lodge.requests.length;
    await say([{ role: "user", content: "turns" }], { "x-claude-session": session.id });
    const asked = JSON.stringify(lodge.requests.slice(before));
    expect(asked).toContain("blue 100% wagon");
    expect(asked).not.toContain("a later turn");
  });

  test("of what is not there is 404", async () => {
    const entry = await send("POST", `/api/sessions/${blue}/fork`, { entry: crypto.randomUUID() });
    expect(entry.status).toBe(404);
    expect(await entry.json()).toMatchObject({ field: "entry" });
    expect((await send("POST", `/api/sessions/${crypto.randomUUID()}/fork`, {})).status).toBe(404);
  });
});

describe("an export", () => {
  test("as Markdown reads like the conversation", async () => {
    const reply = await lodge.fetch(`/api/sessions/${green}/export?format=md`);
    expect(reply.headers.get("content-disposition")).toBe(
      `attachment; filename="echo-green-door-${green.slice(0, 8)}.md"`,
    );
    const text = await reply.text();
    expect(text).toStartWith("# echo: green `door`\n");
    expect(text).toMatch(/## User\n\n_.*Z_\n\necho: green `door`\n[^]*## Assistant\n\n_.*Z_\n\ngreen `door`\n/);
  });

  test("as the CLI's own records is its file", async () => {
    const reply = await lodge.fetch(`/api/sessions/${green}/export?format=jsonl`);
    const path = (await readdir(join(lodge.data, "demo", "claude", "projects"), { recursive: true })).find((each) =>
      each.endsWith(`${green}.jsonl`),
    )!;
    expect(await reply.text()).toBe(await readFile(join(lodge.data, "demo", "claude", "projects", path), "utf8"));
  });

  test("of a session that never was is 404", async () => {
    expect((await lodge.fetch(`/api/sessions/${crypto.randomUUID()}/export?format=md`)).status).toBe(404);
    expect((await lodge.fetch(`/api/sessions/${green}/export?format=docx`)).status).toBe(422);
  });
});

describe("the search through transcripts", () => {
  const search = async (q: string) => {
    const reply = await lodge.fetch(`/api/session-search?${new URLSearchParams({ q })}`);
    return (await collectFrames(reply)).map(({ data }) => sessionSearchEvent.parse(JSON.parse(data)));
  };

  test("finds what was said, also with quotes in it, and says when it is through", async () => {
    const events = await search("GREEN `do");
    expect(events.at(-1)).toMatchObject({ type: "end", cut: false });
    const hits = events.filter((event) => event.type === "hit");
    expect(hits.map(({ session, kind, match }) => [session.id, kind, match])).toEqual([
      [green, "user", "green `do"],
      [green, "text", "green `do"],
    ]);
    expect(hits[0]).toMatchObject({ before: "echo: ", after: "or`" });
  });

  test("of what nobody said has an end and nothing else", async () => {
    expect(await search('nobody "said" this')).toMatchObject([{ type: "end", cut: false }]);
  });
});

test("a deleted session is gone with its transcript, and its turns still count", async () => {
  const span = { from: String(Date.now() - 3_600_000), to: String(Date.now() + 3_600_000) };
  const usage = async () => {
    const reply = await lodge.fetch(`/api/usage?${new URLSearchParams(span)}`);
    return ((await reply.json()) as { totals: { turns: number } }).totals;
  };
  const before = await usage();
  expect(before.turns).toBeGreaterThan(2);
  await using watch = await lodge.watch();
  expect(await transcripts()).toContain(`${red}.jsonl`);
  const reply = await send("DELETE", `/api/sessions/${red}`);
  expect(await reply.json()).toEqual({ ok: true });
  await watch.until(() => (watch.sessions.has(red) ? undefined : true));
  expect((await lodge.fetch(`/api/sessions/${red}`)).status).toBe(404);
  expect(idsOf(await list())).not.toContain(red);
  expect(await transcripts()).not.toContain(`${red}.jsonl`);
  expect(existsSync(join(lodge.data, "workspaces", "site"))).toBe(true);
  expect(await usage()).toEqual(before);
  // Who goes on with it is told so, and nobody finds it by what was said in it.
  expect((await send("DELETE", `/api/sessions/${red}`)).status).toBe(404);
  const again = await lodge.post(
    "/v1/chat/completions",
    {
      model: "haiku",
      messages: [
        { role: "user", content: "echo: red wagon" },
        { role: "assistant", content: "red wagon" },
        { role: "user", content: "echo: again" },
      ],
    },
    { "x-claude-workspace": "site" },
  );
  expect(again.headers.get("x-lodge-session-source")).toBe("seeded");
  await again.text();
});

test("a session in mid-turn is not deleted", async () => {
  const reply = await lodge.post("/v1/chat/completions", {
    model: "haiku",
    stream: true,
    messages: [{ role: "user", content: "slow: 200" }],
  });
  const id = reply.headers.get("x-claude-session")!;
  const refused = await send("DELETE", `/api/sessions/${id}`);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("under way") });
  await reply.body?.cancel();
});

test("a terminal in which nothing was said yet has no name", async () => {
  const opened = (await (await send("POST", "/api/terminals", { workspace: "" })).json()) as {
    session: SessionSummary;
  };
  const path = `/api/sessions/${opened.session.id}`;
  const refused = await send("PATCH", path, { title: "too early" });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("first turn") });
  expect((await send("POST", `${path}/end`)).status).toBe(200);
});
