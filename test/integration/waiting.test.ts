// Who waits, and for what: a free process, a session in the midst of another turn, a person who answers a dialog.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually } from "../harness/processes.ts";
import { readFrames } from "../harness/sse.ts";

setDefaultTimeout(60_000);

const body = (content: string, more: object = {}) => ({
  model: "haiku",
  max_tokens: 10_000,
  messages: [{ role: "user", content }],
  ...more,
});

interface Reply {
  content: { text: string }[];
}
const textOf = async (response: Response): Promise<string> => ((await response.json()) as Reply).content[0]?.text ?? "";

describe("one process, and room for two who wait", () => {
  let lodge: TestLodge;
  beforeAll(async () => {
    lodge = await startTestLodge({
      LODGE_DEFAULT_MODE: "model",
      LODGE_MAX_LIVE: "1",
      LODGE_QUEUE: "2",
      LODGE_BUSY_SESSION: "refuse",
    });
  });
  afterAll(() => lodge[Symbol.asyncDispose]());

  const queued = async () => ((await (await lodge.fetch("/status")).json()) as { queued: number }).queued;

  test("they get it in the order in which they came; the next is told when to come again", async () => {
    const first = readFrames(await lodge.post("/v1/messages", body("slow: 2000", { stream: true })));
    await first.next();
    const order: string[] = [];
    const wait = async (name: string) => {
      const text = await textOf(await lodge.post("/v1/messages", body(`echo: ${name}`)));
      order.push(text);
    };
    const second = wait("second");
    await eventually("one waits", async () => (await queued()) === 1);
    const third = wait("third");
    await eventually("two wait", async () => (await queued()) === 2);

    const refused = await lodge.post("/v1/messages", body("echo: fourth"));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
    const inOpenai = await lodge.post("/v1/chat/completions", body("echo: fourth"));
    expect(inOpenai.status).toBe(503);
    expect(await inOpenai.json()).toMatchObject({ error: { type: "server_error", code: "queue_full" } });

    // Whoever gives up makes room for another.
    await first.return(undefined);
    await Promise.all([second, third]);
    expect(order).toEqual(["second", "third"]);
    expect(await queued()).toBe(0);
  });

  test("a session in the midst of a turn is 409 to who names it, where the setting says so", async () => {
    const named = { "x-claude-session": "mine" };
    const first = readFrames(await lodge.post("/v1/messages", body("slow: 2000", { stream: true }), named));
    await first.next();
    const refused = await lodge.post("/v1/messages", body("echo: now"), named);
    expect(refused.status).toBe(409);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { message: "Another turn of this session is under way." } });
    await first.return(undefined);
  });
});

test("a session in the midst of a turn is waited for by default", async () => {
  await using lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
  const named = { "x-claude-session": "mine" };
  const first = lodge.post("/v1/messages", body("slow: 10"), named);
  const second = lodge.post("/v1/messages", body("turns"), named);
  expect((await first).status).toBe(200);
  expect(await textOf(await second)).toBe("2");
});

test("a dialog of the CLI: 503 with what it waits for, until somebody answers", async () => {
  await using lodge = await startTestLodge({ LODGE_TRUST_WORKSPACES: "no", LODGE_DRIVER: "terminal" });
  await using watch = await lodge.watch();
  const asked = [
    lodge.post("/v1/messages", body("echo: hi")),
    lodge.post("/v1/chat/completions", body("echo: hi", { stream: true })),
  ];
  const [refused, inOpenai] = await Promise.all(asked);
  expect([refused!.status, inOpenai!.status]).toEqual([503, 503]);
  expect(Number(refused!.headers.get("retry-after"))).toBeGreaterThan(0);
  const { error } = (await refused!.json()) as { error: { type: string; message: string } };
  expect(error.type).toBe("overloaded_error");
  expect(error.message).toMatch(
    /^The session waits for a person: .* one you trust\? .*\/api\/sessions\/\S+\/answers\.$/,
  );
  expect(await inOpenai!.json()).toMatchObject({ error: { code: "session_waiting" } });

  const waiting = await watch.until(() => {
    const all = [...watch.sessions.values()].filter(({ state }) => state.name === "waiting");
    return all.length === 2 ? all : undefined;
  });
  for (const { id, state } of waiting) {
    expect(state).toMatchObject({ reason: "dialog" });
    const details = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as {
      prompts: { id: string; detail: string; options: { id: string; label: string }[] }[];
    };
    const [prompt] = details.prompts;
    expect(prompt?.detail).toContain(lodge.data);
    const yes = prompt?.options.find(({ label }) => label.startsWith("Yes"));
    const answered = await lodge.post(`/api/sessions/${id}/answers`, { promptId: prompt?.id, option: yes?.id });
    expect(answered.status).toBe(200);
  }
  await watch.until(() => waiting.every(({ id }) => watch.sessions.get(id)?.state.name !== "waiting") || undefined);
  await eventually("both are ready", async () => {
    const { live_sessions: live } = (await (await lodge.fetch("/status")).json()) as {
      live_sessions: { state: string }[];
    };
    return live.length === 2 && live.every(({ state }) => state === "ready");
  });
  // The process that waited serves the same request.
  const again = await lodge.post("/v1/messages", body("echo: hi"));
  expect(again.headers.get("x-lodge-session-source")).toBe("spare");
  expect(waiting.map(({ id }) => id)).toContain(again.headers.get("x-claude-session") ?? "");
  expect(await textOf(again)).toBe("hi");
});
