// The real CLI on a real terminal; only the model is scripted.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../clock.ts";
import type { UserBlock } from "../../conversation.ts";
import type { SessionEvent } from "../../events.ts";
import { TerminalDriver } from "./index.ts";
import { failureOf, resultOf, say, type Started, textOf, until, World } from "./testing/world.ts";

setDefaultTimeout(60_000);

let world: World;
/** Shared by the tests of a pure model that leave it as they found it. */
let pure: Started;

beforeAll(async () => {
  world = await World.create();
  pure = world.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const agent = { mode: "agent", systemPrompt: undefined } as const;
const bash = (command: string) => `tool: Bash ${JSON.stringify({ command, description: "a test" })}`;

/** What the model was sent as the user's latest words. */
function received(): unknown {
  const { content } = world.requests.at(-1)?.messages.findLast(({ role }) => role === "user") ?? {};
  return typeof content === "string" ? content : content?.at(-1)?.text;
}

const uuidOf = (events: readonly SessionEvent[]): string => {
  const assistant = events.findLast((event) => event.type === "assistant");
  if (assistant?.type !== "assistant") throw new Error("no assistant event");
  return assistant.uuid;
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("the process leads a session and a group of its own, and tells its version", async () => {
  const { pid } = pure.driver;
  const [, group, session] = /\) \S (?:\d+) (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
  expect([Number(group), Number(session)]).toEqual([pid ?? 0, pid ?? 0]);
  expect(await pure.driver.ready).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), models: [] });
});

test("a turn, and a second one in the same process", async () => {
  const first = await say(pure.driver, "echo: hi");
  expect(first.map(({ type }) => type)).toEqual([
    "started",
    "message_start",
    "block_start",
    "block_delta",
    "assistant",
    "block_stop",
    "message_stop",
    "result",
  ]);
  expect(first[0]).toMatchObject({ sessionId: pure.sessionId, model: expect.stringContaining("claude-sonnet") });
  expect(resultOf(first)).toMatchObject({ text: "hi", stopReason: "end_turn", modelCalls: 1 });
  expect(textOf(await say(pure.driver, "turns"))).toBe("2");
  expect(textOf(await say(pure.driver, "system"))).toContain("Be the demo.");
});

test.each([
  ["several lines", "one\n\n\n  two\n"],
  ["a tab", "a\tb"],
  ["a carriage return", "a\r\nb"],
  ["a shell command's look", "!ls"],
  ["a file's mention", "@/etc/hostname"],
  ["a path", "/etc/hostname is a file"],
  ["a note's look", "# note"],
  ["a backslash at the end", "end \\"],
  ["a placeholder's look", "[Pasted text #1 +3 lines]"],
  ["many lines", "line\n".repeat(200)],
  ["much text", "word ".repeat(20_000)],
  ["characters of many bytes", "漢字 👩‍👩‍👧 é"],
])("the model gets exactly what was sent: %s", async (_name, text) => {
  await say(pure.driver, text);
  expect(received()).toBe(text.trimEnd());
});

test("what the CLI would change is refused, and the next message is not touched by it", async () => {
  const failed = say(pure.driver, "zero\u200bwidth");
  expect(await failureOf(failed)).toMatchObject({ kind: "invalid_request" });
  const image: UserBlock = { type: "image", source: { type: "base64", media_type: "image/png", data: "" } };
  expect(await failureOf(say(pure.driver, [image]))).toMatchObject({ kind: "invalid_request" });
  expect(textOf(await say(pure.driver, "echo: clean"))).toBe("clean");
});

test("what a person left in the box is not sent along", async () => {
  pure.driver.write(new TextEncoder().encode("left behind"));
  expect(textOf(await say(pure.driver, "echo: alone"))).toBe("alone");
  expect(received()).toBe("echo: alone");
});

test("a thought", async () => {
  const events = await say(pure.driver, "think: deep");
  expect(events.filter(({ type }) => type === "message_start")).toHaveLength(1);
  expect(events).toContainEqual({ type: "block_delta", index: 0, delta: { type: "thinking", thinking: "deep" } });
  expect(textOf(events)).toBe("I thought about: deep");
});

test("a refusal is an answer", async () => {
  expect(resultOf(await say(pure.driver, "refuse"))).toMatchObject({ stopReason: "refusal" });
  expect(textOf(await say(pure.driver, "echo: on"))).toBe("on");
});

test.each([
  [400, "invalid_request"],
  [401, "not_logged_in"],
  [429, "rate_limited"],
  [500, "api_error"],
  [529, "overloaded"],
] as const)("the API fails with %p", async (apiStatus, kind) => {
  const failed = say(pure.driver, `fail: ${apiStatus}`);
  expect(await failureOf(failed)).toMatchObject({ kind, details: { apiStatus } });
});

test("Escape stops a reply, and one that has not begun", async () => {
  const shown = Promise.withResolvers<void>();
  using _listener = pure.driver.onOutput((bytes) => {
    if (new TextDecoder().decode(bytes).includes("word3")) shown.resolve();
  });
  // Watched from the start: it may fail before the interrupt is done.
  const speaking = failureOf(say(pure.driver, "slow: 200"));
  await shown.promise;
  await pure.driver.interrupt();
  expect(await speaking).toMatchObject({ kind: "aborted" });

  const before = world.requests.length;
  const silent = failureOf(say(pure.driver, "stall"));
  await until(() => world.requests.length > before);
  await pure.driver.interrupt();
  expect(await silent).toMatchObject({ kind: "aborted" });
  expect(textOf(await say(pure.driver, "echo: still here"))).toBe("still here");
});

test("tools run, and a conversation is resumed and forked", async () => {
  const first = world.start({ ...agent, permissionMode: "bypassPermissions" });
  const events = await say(first.driver, `${bash("echo out")}\n${bash("echo more")}`);
  expect(textOf(events)).toBe("Bash -> out\nBash -> more");
  expect(events.filter(({ type }) => type === "tool_result")).toHaveLength(2);
  expect(resultOf(events).modelCalls).toBe(2);
  const at = uuidOf(await say(first.driver, "echo: kept"));
  await say(first.driver, "echo: cut off");
  await first.driver.end();

  const resumed = world.start({ ...agent }, { sessionId: first.sessionId, origin: { type: "resume" } });
  expect(textOf(await say(resumed.driver, "turns"))).toBe("4");
  const forked = world.start({ ...agent }, { origin: { type: "fork", sessionId: first.sessionId, at } });
  const after = await say(forked.driver, "turns");
  expect(textOf(after)).toBe("3");
  expect(resultOf(after).sessionId).toBe(forked.sessionId);
  await Promise.all([resumed.driver.end(), forked.driver.end()]);
});

test("a transcript that is not there", async () => {
  const lost = world.start({}, { origin: { type: "resume" } });
  expect(await failureOf(lost.driver.ready)).toMatchObject({ kind: "transcript_unreadable" });
  const forked = world.start({}, { origin: { type: "fork", sessionId: crypto.randomUUID(), at: "x" } });
  expect(await failureOf(forked.driver.ready)).toMatchObject({ kind: "transcript_unreadable" });
  await Promise.all([lost.driver.exited, forked.driver.exited]);
});

test("permissions and questions wait for an answer, and a denial reaches the model", async () => {
  const asking = world.start({ ...agent });
  const { driver } = asking;
  const decide = async (input: string, option: string, more: object = {}) => {
    const turn = say(driver, input);
    const prompt = await until(() => asking.prompts[0]);
    await driver.answer(prompt.id, { option, ...more });
    const text = textOf(await turn);
    expect(asking.prompts).toEqual([]);
    return { prompt, text };
  };
  const allowed = await decide(bash("echo x > made.txt"), "allow");
  expect(allowed.prompt).toMatchObject({ reason: "permission", detail: expect.stringContaining("made.txt") });
  expect(existsSync(join(world.work, "made.txt"))).toBe(true);
  const denied = await decide(bash("echo x > other.txt"), "deny", { message: "Not that." });
  expect(denied.text).toContain("Not that.");
  expect(existsSync(join(world.work, "other.txt"))).toBe(false);

  const questions = [
    { question: "Which?", header: "W", multiSelect: false, options: [option("red"), option("blue")] },
    { question: "How?", header: "H", multiSelect: true, options: [option("fast"), option("well")] },
  ];
  const answers = { "Which?": "blue", "How?": "fast, well" };
  const asked = await decide(`tool: AskUserQuestion ${JSON.stringify({ questions })}`, "answer", { answers });
  expect(asked.prompt).toMatchObject({ reason: "question", questions: [{ question: "Which?" }, { question: "How?" }] });
  expect(asked.text).toContain('"Which?"="blue"');
  expect(await failureOf(driver.answer("nobody", { option: "allow" }))).toMatchObject({ kind: "prompt_unknown" });

  // A person at the terminal may decide as well, by a key.
  const turn = say(driver, bash("echo y > typed.txt"));
  await until(() => asking.prompts[0]);
  const typing = setInterval(() => driver.write(new TextEncoder().encode("\r")), 300);
  expect(textOf(await turn.finally(() => clearInterval(typing)))).toStartWith("Bash -> ");
  expect(asking.prompts).toEqual([]);
  expect(existsSync(join(world.work, "typed.txt"))).toBe(true);
  await driver.end();
});

const option = (label: string) => ({ label, description: `${label}!` });

test("a dialog of the CLI waits for an answer, and no message is typed into it", async () => {
  await using other = await World.create();
  writeFileSync(
    join(other.configDir, ".claude.json"),
    JSON.stringify({
      hasCompletedOnboarding: true,
      theme: "dark",
      customApiKeyResponses: { approved: [other.model.apiKey.slice(-20)], rejected: [] },
    }),
  );
  const asking = other.start({}, { ownConfig: false, trustWorkspace: false });
  const turn = say(asking.driver, "echo: trusted");
  const prompt = await until(() => asking.prompts[0]);
  expect(prompt).toMatchObject({ reason: "dialog", detail: expect.stringContaining(other.work) });
  expect(prompt.options).toContainEqual({ id: "deny", label: "No, exit" });
  const yes = prompt.options.find(({ label }) => label.startsWith("Yes, I trust"));
  await asking.driver.answer(prompt.id, { option: yes?.id ?? "" });
  expect(textOf(await turn)).toBe("trusted");
  expect(asking.prompts).toEqual([]);
  await asking.driver.end();

  // By setting, nobody is asked.
  writeFileSync(
    join(other.configDir, ".claude.json"),
    readFileSync(join(other.configDir, ".claude.json"), "utf8").replace('"hasTrustDialogAccepted": true', '"x": 1'),
  );
  const trusting = other.start({}, { ownConfig: false, trustWorkspace: true });
  expect(textOf(await say(trusting.driver, "echo: again"))).toBe("again");
});

test("what shows neither a box nor a dialog is given up, unless a person has it", async () => {
  const login = join(world.root, "login");
  writeFileSync(login, "#!/bin/sh\necho 'Open this page to log in:'\nexec sleep 1000\n", { mode: 0o755 });
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => 0,
    after(ms, callback) {
      timers.set(callback, ms);
      return { [Symbol.dispose]: () => void timers.delete(callback) };
    },
  };
  /** All that is to happen within ten minutes. */
  const tenMinutesPass = () => {
    for (const [callback, ms] of timers) if (ms <= 600_000 && timers.delete(callback)) callback();
  };
  const start = (isAttended: boolean) => {
    const driver = new TerminalDriver(
      { plan: world.plan(), sessionId: crypto.randomUUID(), origin: { type: "new" }, isAttended, onPrompts: () => {} },
      { env: world.env, claudePath: login, configDir: world.configDir, ownConfig: true, trustWorkspace: true },
      clock,
    );
    world.own(driver);
    let screen = "";
    driver.onOutput((bytes) => (screen += new TextDecoder().decode(bytes)));
    return { driver, shown: () => until(() => screen.includes("log in")) };
  };
  const alone = start(false);
  await alone.shown();
  const failed = failureOf(alone.driver.ready);
  await until(() => [...timers.values()].includes(60_000));
  tenMinutesPass();
  expect(await failed).toMatchObject({ kind: "spawn_failed" });
  await alone.driver.end();

  const attended = start(true);
  await attended.shown();
  expect([...timers.values()]).not.toContain(60_000);
  tenMinutesPass();
  expect([Bun.peek.status(attended.driver.ready), isAlive(attended.driver.pid ?? 0)]).toEqual(["pending", true]);
  const over = failureOf(attended.driver.ready);
  await attended.driver.end();
  expect(await over).toMatchObject({ kind: "process_died" });
});

test("a process that is killed in mid-turn", async () => {
  const { driver } = world.start();
  await driver.ready;
  const before = world.requests.length;
  const turn = say(driver, "stall");
  await until(() => world.requests.length > before);
  process.kill(driver.pid ?? 0, "SIGKILL");
  expect(await failureOf(turn)).toMatchObject({ kind: "process_died" });
  await driver.exited;
  expect(await failureOf(say(driver, "echo: x"))).toMatchObject({ kind: "process_died" });
});

test("no program, no process", async () => {
  const { driver } = world.start({}, { claudePath: join(world.root, "no-such-program") });
  expect(await failureOf(driver.ready)).toMatchObject({ kind: "cli_not_found" });
  await driver.exited;
  await driver.end();
});

test("nothing is left of a process that was ended, at whatever moment", async () => {
  const descriptors = () => readdirSync("/proc/self/fd").length;
  const openBefore = descriptors();
  const ended = [world.start({ ...agent, permissionMode: "bypassPermissions" }), world.start(), world.start()];
  const [working, ready] = ended as [Started, Started, Started];
  await Promise.all([working.driver.ready, ready.driver.ready]);
  const turn = say(working.driver, bash("tail -f /dev/null & echo $! > child.pid; wait")).catch(
    (error: unknown) => error,
  );
  const child = Number(
    await until(() => existsSync(join(world.work, "child.pid")) && readFileSync(join(world.work, "child.pid"), "utf8")),
  );
  const pids = ended.map(({ driver }) => driver.pid ?? 0);
  const settings = pids.flatMap((pid) => {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    expect(argv.join(" ")).not.toContain("Be the demo.");
    return argv[argv.indexOf("--settings") + 1] ?? [];
  });
  expect(settings.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  await Promise.all(ended.flatMap(({ driver }) => [driver.end(), driver.end()]));
  expect(await turn).toMatchObject({ kind: "process_died" });
  expect(pids.map(isAlive)).toEqual([false, false, false]);
  await until(() => !isAlive(child));
  await until(() => descriptors() <= openBefore);
  expect(settings.map((path) => existsSync(dirname(path)))).toEqual([false, false, false]);
});

test("the size can be changed at any time", async () => {
  pure.driver.resize(80, 12);
  expect(textOf(await say(pure.driver, "echo: small"))).toBe("small");
  pure.driver.resize(200, 50);
  expect(textOf(await say(pure.driver, "echo: large"))).toBe("large");
});
