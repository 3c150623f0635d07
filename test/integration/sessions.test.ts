/** Where a conversation goes on, with the real CLI: what the model was sent each time is the proof. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { watchSessions } from "../harness/watch.ts";

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model", LODGE_SPARES: "0", LODGE_MAX_LIVE: "4" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Message {
  role: "user" | "assistant";
  content: string;
}

const user = (content: string): Message => ({ role: "user", content });

/** One turn over `/v1/messages`: the answer, and how the session was come by. */
async function turn(messages: Message[], headers: Record<string, string> = {}, model = "sonnet") {
  const reply = await lodge.post("/v1/messages", { model, max_tokens: 100_000, messages }, headers);
  const body = (await reply.json()) as { model?: string; content?: { text: string }[] };
  const text = (body.content ?? []).map((block) => block.text).join("");
  return {
    status: reply.status,
    source: reply.headers.get("x-lodge-session-source"),
    session: reply.headers.get("x-claude-session"),
    text,
    model: body.model,
    history: [...messages, { role: "assistant" as const, content: text }],
  };
}

/** What the model was sent last: each message's role and its own text, without what the CLI adds. */
function lastRequest(): [string, string][] {
  const { messages } = lodge.requests.at(-1) as unknown as {
    messages: { role: string; content: string | { type: string; text?: string }[] }[];
  };
  return messages
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => {
      const texts = typeof content === "string" ? [content] : content.map((block) => block.text ?? `(${block.type})`);
      return [role, texts.filter((text) => !text.startsWith("<system-reminder>")).join("")];
    });
}

describe.each(["stream", "terminal"])("with the %s driver", (driver) => {
  const say = (messages: Message[], headers: Record<string, string> = {}) =>
    turn(messages, { "x-claude-driver": driver, ...headers });

  type Said = Awaited<ReturnType<typeof turn>>;
  interface Conversation {
    turns: [first: Said, second: Said, third: Said];
    /** Where it stands. */
    latest: Said;
  }
  /** One for all that needs no process of its own. Who takes it gives it back; a test that fails does not. */
  let kept: Conversation | undefined;
  async function takeConversation(): Promise<Conversation> {
    const taken = kept;
    kept = undefined;
    if (taken) return taken;
    const first = await say([user("echo: one")]);
    const second = await say([...first.history, user("echo: two")]);
    const third = await say([...second.history, user("turns")]);
    return { turns: [first, second, third], latest: third };
  }
  /** What the model says when it is asked for its turns next. */
  const turnsNext = ({ latest }: Conversation) => String(latest.history.length / 2 + 1);

  test("a conversation of three turns: the second and third are warm, on one session", async () => {
    const taken = await takeConversation();
    expect(taken.turns.map(({ source }) => source)).toEqual(["cold", "warm", "warm"]);
    expect(new Set(taken.turns.map(({ session }) => session)).size).toBe(1);
    expect(taken.latest.text).toBe("3");
    kept = taken;
  });

  test("regenerating an answer forks, and both branches go on by themselves", async () => {
    const taken = await takeConversation();
    const [first] = taken.turns;
    const right = await say([...first.history, user("echo: right")]);
    const left = await say([...taken.latest.history, user("turns")]);
    const rightOn = await say([...right.history, user("turns")]);
    expect([right.source, left.source, rightOn.source]).toEqual(["forked", "warm", "warm"]);
    expect([left.text, rightOn.text]).toEqual([turnsNext(taken), "3"]);
    expect(left.session).not.toBe(rightOn.session);
    kept = { ...taken, latest: left };
  });

  test("another model goes on with the same history in the same session", async () => {
    const taken = await takeConversation();
    const { session } = taken.latest;
    const next = await turn([...taken.latest.history, user("turns")], { "x-claude-driver": driver }, "haiku");
    // The SDK can tell a process of its new model; the interactive CLI is started anew.
    const source = driver === "stream" ? "warm" : "resumed";
    expect(next).toMatchObject({ session, source, text: turnsNext(taken) });
    expect(next.model).toContain("haiku");
    kept = { ...taken, latest: next };
  });

  test("after a restart of the server it is resumed in its own session, with the same history", async () => {
    const taken = await takeConversation();
    const { session } = taken.latest;
    await lodge.restart();
    const next = await say([...taken.latest.history, user("turns")]);
    expect(next).toMatchObject({ source: "resumed", session, text: turnsNext(taken) });
  });

  test("an edited message forks the true transcript, tool calls and all", async () => {
    const agent = { "x-claude-mode": "agent" };
    const first = await say([user('tool: Bash {"command":"echo from the tool"}')], agent);
    expect(first.text).toBe("Bash -> from the tool");
    const second = await say([...first.history, user("echo: two")], agent);
    const edited = await say([...first.history, user("recall")], agent);
    expect([first.source, second.source, edited.source]).toEqual(["cold", "warm", "forked"]);
    expect(edited.session).not.toBe(first.session);
    const sent = lastRequest();
    expect(sent.map(([role]) => role)).toEqual(["user", "assistant", "user", "assistant", "user"]);
    expect(sent[1]?.[1]).toContain("(tool_use)");
    expect(JSON.stringify(sent)).not.toContain("echo: two");
    expect(sent.at(-1)?.[1]).toContain("recall");
  });

  test("a history that never was is seeded, and the model sees it as messages", async () => {
    const made: Message[] = [user("What is the password?"), { role: "assistant", content: "swordfish" }];
    const next = await say([...made, user("recall")]);
    expect(next).toMatchObject({ source: "seeded", text: "What is the password?" });
    expect(lastRequest().slice(0, 2)).toEqual([
      ["user", "What is the password?"],
      ["assistant", "swordfish"],
    ]);
    expect((await say([...next.history, user("turns")])).source).toBe("warm");
  });

  describe("a session that is named", () => {
    test("goes on with its own history, whatever is sent", async () => {
      const named = { "x-claude-session": `my own name ${driver}` };
      const first = await say([user("echo: one")], named);
      const second = await say([user("turns")], named);
      expect(second).toMatchObject({ session: first.session, source: "warm", text: "2" });
      const other = await say([user("turns")], { "x-arch-claude-cli-session": `another name ${driver}` });
      expect(other).toMatchObject({ text: "1" });
      expect(other.session).not.toBe(first.session);
      const byId = await say([user("turns")], { "x-claude-session": first.session ?? "" });
      expect(byId).toMatchObject({ session: first.session, text: "3" });
    });
  });
});

describe.each(["stream", "terminal"])("time, with the %s driver", (driver) => {
  test("a turn ends when its own time is up", async () => {
    const reply = await lodge.post(
      "/v1/chat/completions",
      { messages: [user("stall")] },
      { "x-claude-timeout": "1", "x-claude-driver": driver },
    );
    expect(reply.status).toBe(504);
    expect(await reply.json()).toMatchObject({ error: { type: "timeout_error", code: "turn_timeout" } });
  });

  test("an idle process is ended by timer, with no request coming", async () => {
    await using quick = await startTestLodge({
      LODGE_DEFAULT_MODE: "model",
      LODGE_IDLE_SECONDS: "1",
      LODGE_DRIVER: driver,
    });
    await using watch = await watchSessions((signal) => quick.fetch("/api/events", { signal }));
    await quick.post("/v1/messages", { model: "sonnet", max_tokens: 10, messages: [user("echo: hi")] });
    await watch.until(() => [...watch.sessions.values()].find(({ state }) => state.name === "hibernated"));
    const { live_sessions: live } = (await (await quick.fetch("/status")).json()) as { live_sessions: object[] };
    expect(live).toEqual([]);
  });
});

test("a million characters of history work, and are never on a command line", async () => {
  const long = "lorem ipsum ".repeat(84_000);
  const reply = await turn([user(long), { role: "assistant", content: "I see." }, user("turns")]);
  expect(reply).toMatchObject({ status: 200, source: "seeded", text: "2" });
});

test("a turn that the CLI begins by itself, when a background task ends, is nobody's reply", async () => {
  const agent = { "x-claude-mode": "agent" };
  const first = await turn([user('tool: Bash {"command":"sleep 0.4","run_in_background":true}')], agent);
  // The task ends during this turn, and the CLI's own turn about it begins right after.
  const second = await turn([...first.history, user("slow: 16")], agent);
  const third = await turn([...second.history, user("echo: mine")], agent);
  const fourth = await turn([...third.history, user("echo: mine too")], agent);
  expect([second.source, third.source, fourth.source]).toEqual(["warm", "warm", "warm"]);
  expect(second.text).toStartWith("word1 word2");
  expect([third.text, fourth.text]).toEqual(["mine", "mine too"]);
});
