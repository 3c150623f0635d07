// A spare has been warmed up when its conversation begins, and neither the model nor the transcript's reader knows of it.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually } from "../harness/processes.ts";

setDefaultTimeout(60_000);

interface Message {
  role: "user" | "assistant";
  content: string;
}
const user = (content: string): Message => ({ role: "user", content });

describe.each(["stream", "terminal"])("with the %s driver", (driver) => {
  let lodge: TestLodge;
  beforeAll(async () => {
    lodge = await startTestLodge({
      LODGE_SPARES: "1",
      LODGE_DEFAULT_MODE: "model",
      LODGE_DRIVER: driver,
      LODGE_MAX_LIVE: "3",
    });
  });
  afterAll(() => lodge[Symbol.asyncDispose]());

  async function say(messages: Message[]) {
    const reply = await lodge.post("/v1/messages", { model: "sonnet", max_tokens: 1000, messages });
    const body = (await reply.json()) as { content: { text: string }[]; usage: { input_tokens: number } };
    const text = body.content.map((block) => block.text).join("");
    return {
      source: reply.headers.get("x-lodge-session-source"),
      session: reply.headers.get("x-claude-session") ?? "",
      text,
      tokens: body.usage.input_tokens,
      history: [...messages, { role: "assistant" as const, content: text }],
    };
  }

  const ready = async () => {
    const { live_sessions: live } = (await (await lodge.fetch("/status")).json()) as {
      live_sessions: { id: string; state: string }[];
    };
    return live.filter(({ state }) => state === "ready").map(({ id }) => id);
  };
  const transcripts = () => {
    const projects = join(lodge.data, "demo/claude/projects");
    if (!existsSync(projects)) return [];
    return readdirSync(projects, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
  };

  test("a new conversation is on it, and so is the next one, on another", async () => {
    await eventually("a spare waits", async () => (await ready()).length === 1, 20_000);
    expect(lodge.requests).toEqual([]);
    const [spare] = await ready();
    const first = await say([user("echo: one")]);
    expect(first).toMatchObject({ source: "spare", session: spare!, text: "one" });
    expect(JSON.stringify(lodge.requests)).not.toContain("warms this process");
    const second = await say([...first.history, user("turns")]);
    expect(second).toMatchObject({ source: "warm", session: spare!, text: "2" });

    await eventually("another waits", async () => (await ready()).length === 2, 20_000);
    const other = await say([user("echo: two")]);
    expect(other).toMatchObject({ source: "spare", text: "two", tokens: first.tokens });
    expect(other.session).not.toBe(spare);

    // A fork and a resumption go on from a transcript that began with a warm-up.
    const forked = await say([...first.history, user("turns, please")]);
    expect(forked).toMatchObject({ source: "forked", text: "Turn 2. You said: turns, please" });
    const { entries } = (await (await lodge.fetch(`/api/sessions/${spare}/transcript`)).json()) as {
      entries: object[];
    };
    expect(JSON.stringify(entries)).not.toContain("warms this process");
    await lodge.restart();
    expect(await say([...second.history, user("turns")])).toMatchObject({
      source: "resumed",
      session: spare!,
      text: "3",
    });
    const used = new Set([spare!, other.session, forked.session].map((id) => `${id}.jsonl`));
    await lodge.restart();
    expect(transcripts().filter((name) => !used.has(name.split("/").at(-1)!))).toEqual([]);
    for (const name of transcripts()) {
      const text = readFileSync(join(lodge.data, "demo/claude/projects", name), "utf8");
      expect(text.includes('"type":"assistant"')).toBe(true);
    }
  });
});
