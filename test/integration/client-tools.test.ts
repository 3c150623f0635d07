/** Tools that the client executes, over `/v1/messages` with the real CLI: held calls, and where the turn goes on. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { pixel } from "../harness/media.ts";
import { type Block, result, ToolClient, type ToolReply, tool, type WireMessage } from "../harness/tool-client.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_MAX_LIVE: "4" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** What the model was sent last, without what the CLI adds. */
function sent(): [string, string[]][] {
  return (lodge.requests.at(-1)?.messages ?? [])
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => [
      role,
      (typeof content === "string" ? [{ type: "text", text: content }] : (content as Block[])).map((block) =>
        block.type === "text" ? String(block["text"]) : `${block.type} ${String(block["id"] ?? block["tool_use_id"])}`,
      ),
    ]);
}

/** Resolves when a session's transcript holds this. */
async function written(session: string, words: string): Promise<void> {
  const folder = join(lodge.data, "demo", "claude", "projects");
  const has = async () => {
    for (const file of new Bun.Glob(`*/${session}.jsonl`).scanSync(folder)) {
      if ((await Bun.file(join(folder, file)).text()).includes(words)) return true;
    }
    return false;
  };
  while (!(await has())) await Bun.sleep(10);
}

const idsOf = (reply: ToolReply): string[] => reply.calls.map(({ id }) => id);

const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [
  tool("weather", { city: { type: "string" } }),
  tool("time"),
  { name: "strict", input_schema: { ...city, additionalProperties: false } },
];
const client = (options: ConstructorParameters<typeof ToolClient>[1] = {}) =>
  new ToolClient(lodge, { tools, ...options });

let shared: ToolClient | undefined;
/** A conversation that goes on from test to test, for all that needs no process of its own. */
async function goOn(): Promise<ToolClient> {
  // A test that failed may have left calls open.
  if (shared === undefined || shared.calls.length > 0) {
    shared = client();
    await shared.say("echo: hi");
  }
  return shared;
}

describe("a call", () => {
  test("is held, and the same turn goes on with its result", async () => {
    const talk = client();
    const first = await talk.say('tool: weather {"city":"Oslo"}');
    expect(first).toMatchObject({ status: 200, source: "cold", stopReason: "tool_use" });
    expect(first.calls).toEqual([
      {
        type: "tool_use",
        id: expect.stringMatching(/^toolu_/),
        name: "weather",
        input: { city: "Oslo" },
        caller: { type: "direct" },
      },
    ]);
    const second = await talk.answer(() => "4 degrees");
    expect(second).toMatchObject({ source: "warm", session: first.session, stopReason: "end_turn" });
    expect(second.text).toBe("weather -> 4 degrees");
    expect(await talk.say("turns")).toMatchObject({ source: "warm", session: first.session, text: "2" });
  });

  test("is seen as what the session waits for, and is no turn under way", async () => {
    await using watch = await lodge.watch();
    const talk = await goOn();
    const { session } = await talk.say("tool: weather {}\ntool: time {}");
    const state = () => watch.sessions.get(session ?? "")?.state;
    await watch.until(() => (state()?.name === "waiting" ? true : undefined));
    expect(state()).toMatchObject({ reason: "tool", detail: "weather, time" });
    await talk.answer(() => "x");
    await watch.until(() => (state()?.name === "ready" ? true : undefined));
  });

  test("reaches the client under the name that the client gave, and the model with its schema untouched", async () => {
    const schema = {
      type: "object",
      properties: { q: { $ref: "#/$defs/q" }, n: { type: ["integer", "null"], multipleOf: 2, "x-unit": "m" } },
      required: ["q"],
      additionalProperties: false,
      $defs: { q: { type: "string", pattern: "^[a-z]+$", examples: ["a"] } },
    };
    const names = [
      "files.read",
      "files read",
      "files_read",
      "lire_le_fichier_à_côté",
      "x".repeat(128),
      "mcp__client__a",
    ];
    const description = `${"A long description. ".repeat(600)}The end.`;
    const talk = client({ tools: names.map((name) => ({ name, description, input_schema: schema })) });
    await talk.say("echo: hi");
    const seen = lodge.requests.at(-1)?.tools ?? [];
    expect(new Set(seen.map(({ name }) => name)).size).toBe(names.length);
    for (const { name, input_schema: seenSchema, ...rest } of seen) {
      expect(name).toMatch(/^mcp__client__[\w-]{1,115}$/);
      expect(seenSchema).toEqual(schema);
      expect(rest["description"]).toBe(description);
    }
    const calls = seen.map(({ name }) => `tool: ${name} {"q":"a"}`).join("\n");
    const { calls: made } = await talk.say(calls);
    expect(made.map(({ name }) => name).sort()).toEqual([...names].sort());
    const after = await talk.answer(({ name }) => `of ${name}`);
    expect(after.source).toBe("warm");
    for (const name of names) expect(after.text).toContain(`-> of ${name}`);
  });

  test("that does not fit its schema is the client's to judge, not the CLI's", async () => {
    const talk = await goOn();
    const first = await talk.say('tool: strict {"town":5}');
    expect(first).toMatchObject({ stopReason: "tool_use", calls: [{ name: "strict", input: { town: 5 } }] });
    const [{ id } = { id: "" }] = first.calls;
    const second = await talk.say([result(id, "there is no town in it", true)]);
    expect(second).toMatchObject({ source: "warm", text: "strict -> error: there is no town in it" });
  });

  test("in several rounds of one turn", async () => {
    const talk = await goOn();
    // The model is asked for its calls once more by what the user says beside the results.
    await talk.say("tool: time {}");
    const second = await talk.answer(() => "noon", { type: "text", text: "tool: weather {}" });
    expect(second).toMatchObject({ source: "warm", stopReason: "tool_use", calls: [{ name: "weather" }] });
    const third = await talk.answer(() => "rain");
    expect(third).toMatchObject({ source: "warm", text: "weather -> rain", session: second.session });
  });
});

describe("results", () => {
  test("of parallel calls, in any order", async () => {
    const talk = await goOn();
    const first = await talk.say('tool: weather {"city":"a"}\ntool: weather {"city":"b"}\ntool: time {}');
    expect(first.calls).toHaveLength(3);
    const [a, b, c] = idsOf(first) as [string, string, string];
    const second = await talk.say([result(c, "C"), result(a, "A"), result(b, "B")]);
    expect(second).toMatchObject({ source: "warm", text: "weather -> A\nweather -> B\ntime -> C" });
  });

  test("of more calls than the CLI makes at one time", async () => {
    const talk = await goOn();
    const first = await talk.say(
      Array.from({ length: 40 }, (_, index) => `tool: weather {"city":"${index}"}`).join("\n"),
    );
    expect(first.calls).toHaveLength(40);
    const content = first.calls.map(({ id }, index) => result(id, `r${index}`)).toReversed();
    const second = await talk.say(content);
    expect(second.source).toBe("warm");
    expect(second.text).toBe(Array.from({ length: 40 }, (_, index) => `weather -> r${index}`).join("\n"));
  });

  test("that are errors, lists of blocks, or nothing", async () => {
    const talk = await goOn();
    const first = await talk.say("tool: weather {}\ntool: weather {}\ntool: weather {}");
    const [a, b, c] = idsOf(first) as [string, string, string];
    const text = (words: string): Block => ({ type: "text", text: words });
    const second = await talk.say([
      result(a, "no such city", true),
      result(b, [text("one"), text("two")]),
      { type: "tool_result", tool_use_id: c },
    ]);
    expect(second.source).toBe("warm");
    expect(second.text).toBe("weather -> error: no such city\nweather -> one\ntwo\nweather -> (no output)");
  });

  test("with images reach the model as they are, in a process made for them", async () => {
    const talk = await goOn();
    await talk.say("tool: weather {}");
    const image: Block = { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } };
    const [{ id } = { id: "" }] = talk.calls;
    const second = await talk.say([result(id, [{ type: "text", text: "seen" }, image])]);
    expect(second).toMatchObject({ source: "forked", text: "weather -> seen\nimage image/png 70 bytes" });
  });

  test("that are too long to be handed to a held call reach the model whole in a process made for them", async () => {
    const talk = await goOn();
    const long = "lorem ipsum ".repeat(50_000);
    await talk.say("tool: weather {}");
    const second = await talk.answer(() => long);
    expect(second).toMatchObject({ source: "forked", stopReason: "end_turn" });
    expect(JSON.stringify(lodge.requests.at(-1)?.messages)).toContain(long);
    expect((await talk.say("turns")).source).toBe("warm");
  });

  test("with something that the user says besides", async () => {
    const talk = await goOn();
    const turns = Number((await talk.say("turns")).text);
    await talk.say("tool: weather {}");
    const second = await talk.answer(() => "sun", { type: "text", text: "turns" });
    expect(second).toMatchObject({ source: "warm", text: String(turns + 2) });
    expect(await talk.say("turns")).toMatchObject({ source: "warm", text: String(turns + 3) });
  });

  test("of only some of the calls are refused by name, and nothing is lost", async () => {
    const talk = await goOn();
    const first = await talk.say("tool: weather {}\ntool: time {}");
    const [a, b] = idsOf(first) as [string, string];
    const partial = await talk.say([result(a, "A")]);
    expect(partial).toMatchObject({ status: 400, error: { type: "invalid_request_error" } });
    expect(partial.error?.message).toContain(b);
    expect(partial.error?.message).not.toContain(a);
    expect(await talk.say([result(a, "A"), result(b, "B")])).toMatchObject({
      source: "warm",
      text: "weather -> A\ntime -> B",
    });
  });

  test("missing altogether, or of calls that nobody made, or given twice, are refused by name", async () => {
    const talk = await goOn();
    const first = await talk.say("tool: weather {}");
    const [a] = idsOf(first) as [string];
    for (const [content, id] of [
      ["never mind", a],
      [[result(a, "A"), result("toolu_other", "B")], "toolu_other"],
      [[result(a, "A"), result(a, "B")], a],
    ] as const) {
      const reply = await talk.say(content as string | Block[]);
      expect(reply).toMatchObject({ status: 400, error: { type: "invalid_request_error" } });
      expect(reply.error?.message).toContain(id);
    }
    expect((await talk.answer(() => "still there")).source).toBe("warm");
  });

  test("sent again, by a client that lost the reply, go on where they went on before and mix with nothing", async () => {
    const talk = await goOn();
    const turns = Number((await talk.say("turns")).text);
    await talk.say('tool: weather {"city":"Rome"}');
    const before = talk.messages;
    const one = await talk.answer(() => "one");
    talk.messages = before;
    const again = await talk.answer(() => "one");
    expect(one).toMatchObject({ source: "warm", text: "weather -> one" });
    expect(again).toMatchObject({ source: "forked", text: "weather -> one" });
    talk.messages = before;
    expect(await talk.answer(() => "other")).toMatchObject({ text: "weather -> other" });
    expect(await talk.say("turns")).toMatchObject({ source: "warm", text: String(turns + 2) });
  });

  test("sent twice at the same time: both are answered, in two sessions", async () => {
    const talk = await goOn();
    await talk.say("tool: weather {}");
    const content = talk.calls.map(({ id }) => result(id, "same"));
    const next: WireMessage[] = [...talk.messages, { role: "user", content }];
    const both = await Promise.all([talk.send(next), talk.post(next)]);
    expect(both.map(({ text }) => text)).toEqual(["weather -> same", "weather -> same"]);
    expect(new Set(both.map(({ session }) => session)).size).toBe(2);
  });
});

describe("when the process is lost while a call is held", () => {
  test("killed: the turn goes on from its transcript", async () => {
    await using watch = await lodge.watch();
    const talk = client();
    const first = await talk.say('tool: weather {"city":"Bern"}\ntool: time {}');
    const pid = await watch.until(() => {
      const found = watch.sessions.get(first.session ?? "");
      return found?.state.name === "waiting" ? found.pid : undefined;
    });
    // The CLI writes its transcript a little later than it speaks.
    await written(first.session ?? "", first.calls.at(-1)?.id ?? "");
    process.kill(pid, "SIGKILL");
    await watch.until(() => (watch.sessions.get(first.session ?? "")?.state.name === "hibernated" ? true : undefined));
    const second = await talk.answer(({ name }) => `after ${name}`);
    expect(second).toMatchObject({ source: "forked", text: "weather -> after weather\ntime -> after time" });
    // What the lost process had told of its tokens is counted all the same.
    const lost = watch.sessions.get(first.session ?? "");
    expect([lost?.inputTokens, lost?.outputTokens]).toEqual([first.usage?.input_tokens, first.usage?.output_tokens]);
    const ids = idsOf(first);
    expect(sent().slice(0, 2)).toEqual([
      ["user", ['tool: weather {"city":"Bern"}\ntool: time {}']],
      ["assistant", ids.map((id) => `tool_use ${id}`)],
    ]);
    expect(sent()[2]?.[1].slice(0, 2)).toEqual(ids.map((id) => `tool_result ${id}`));
    expect(sent()).toHaveLength(3);
    expect(await talk.say("turns")).toMatchObject({ source: "warm", text: "2" });
  });

  test("the server was started again, and more is said beside the results", async () => {
    const talk = await goOn();
    await talk.say("tool: weather {}");
    await lodge.restart();
    const second = await talk.answer(() => "snow", { type: "text", text: "recall" });
    expect(second).toMatchObject({ source: "forked", text: "echo: hi" });
    expect(sent().at(-1)?.[1].slice(1)).toEqual(["recall"]);
  });

  test("held longer than is allowed: it is hibernated, and the turn goes on all the same", async () => {
    await using quick = await startTestLodge({ LODGE_TOOL_SECONDS: "1", LODGE_MAX_LIVE: "1" });
    await using watch = await quick.watch();
    const talk = new ToolClient(quick, { tools });
    const { session } = await talk.say("tool: weather {}");
    await watch.until(() => (watch.sessions.get(session ?? "")?.state.name === "hibernated" ? true : undefined));
    expect(await talk.answer(() => "late")).toMatchObject({ source: "forked", text: "weather -> late" });
  });

  test("held calls make room when somebody waits for a process", async () => {
    await using small = await startTestLodge({ LODGE_MAX_LIVE: "1" });
    const [one, two] = [new ToolClient(small, { tools }), new ToolClient(small, { tools })];
    await one.say("tool: weather {}");
    expect(await two.say("tool: time {}")).toMatchObject({ status: 200, stopReason: "tool_use" });
    expect(await one.answer(() => "first")).toMatchObject({ source: "forked", text: "weather -> first" });
    expect(await two.answer(() => "second")).toMatchObject({ source: "forked", text: "time -> second" });
  });

  test("the watchdog has nothing to say of a held call", async () => {
    await using strict = await startTestLodge({ LODGE_WATCHDOG_SECONDS: "4", LODGE_IDLE_SECONDS: "5" });
    await using watch = await strict.watch();
    const [held, idle] = [new ToolClient(strict, { tools }), new ToolClient(strict)];
    const { session } = await held.say("tool: weather {}");
    const other = await idle.say("echo: hi");
    // The idle one goes after its time, which is longer than the watchdog's.
    await watch.until(() => (watch.sessions.get(other.session ?? "")?.state.name === "hibernated" ? true : undefined));
    expect(watch.sessions.get(session ?? "")?.state).toMatchObject({ name: "waiting", reason: "tool" });
    expect(await held.answer(() => "fine")).toMatchObject({ source: "warm", text: "weather -> fine" });
  });
});

test("a conversation that began without tools gets them in another process of the same session", async () => {
  const talk = client({ tools: [], headers: { "x-claude-mode": "model" } });
  const plain = await talk.say("echo: hi");
  talk.tools = tools;
  const first = await talk.say("tool: weather {}");
  expect(first).toMatchObject({ source: "resumed", session: plain.session, stopReason: "tool_use" });
  const second = await talk.answer(() => "fog", { type: "text", text: "And say it briefly." });
  expect(second).toMatchObject({ source: "warm", session: plain.session });
  expect(JSON.stringify(lodge.requests.at(-1)?.messages)).toContain("And say it briefly.");
  talk.tools = [];
  expect(await talk.say("turns")).toMatchObject({ source: "warm", session: plain.session });
});

test("a history with calls that no session ever made is taken, the last message being results or words", async () => {
  const talk = client();
  const call = (id: string, name: string): Block => ({ type: "tool_use", id, name, input: { q: 1 } });
  const made = [
    { role: "user" as const, content: "tool: weather {}\ntool: files.read {}" },
    { role: "assistant" as const, content: [call("call_1", "weather"), call("call_2", "files.read")] },
  ];
  talk.messages = [...made];
  const one = await talk.say([result("call_2", "two"), result("call_1", "one")]);
  expect(one).toMatchObject({ source: "seeded", stopReason: "end_turn" });
  expect(one.text).toStartWith("weather -> one\n");
  expect(one.text).toEndWith("-> two");
  expect((await talk.say("turns")).source).toBe("warm");
  talk.messages = [
    ...made,
    { role: "user", content: [result("call_1", "1"), result("call_2", "2")] },
    { role: "assistant", content: "Done." },
  ];
  expect(await talk.say("turns")).toMatchObject({ source: "seeded", text: "2" });
  talk.messages = [...made];
  const dangling = await talk.say("and?");
  expect(dangling).toMatchObject({ status: 400, error: { type: "invalid_request_error" } });
  expect(dangling.error?.message).toContain("call_1, call_2");
});
