// The CLI's process is killed at random moments of a turn: each client is told in its own shape, and nothing stays behind.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { eventually, groupOf, isAlive, processes, treeOf } from "../harness/processes.ts";
import { type Frame, readFrames } from "../harness/sse.ts";
import type { Watch } from "../harness/watch.ts";

setDefaultTimeout(60_000);

const kills = 10;
/** Fewer than kills, so that a slot which stays taken would be missed. */
const slots = 4;

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_MAX_LIVE: String(slots) });
  await Promise.all([...Array(kills + 1).keys()].map((i) => mkdir(join(lodge.data, "workspaces", `w${i}`))));
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** Small and good enough: the same moments in every run. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function* randomWords(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The first word never comes of a whole minute's silence: kills before it count as well.
    yield Math.floor((state / 2 ** 32) * 28);
  }
}
const random = randomWords(20_261_121);

/** Resolves when the demo model has said so many words of `slow: 30` to somebody else: time, as the model counts it. */
async function wordsOfTime(count: number): Promise<void> {
  if (count === 0) return;
  const response = await fetch(`${lodge.model.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": lodge.model.apiKey },
    body: JSON.stringify({
      model: "claude-haiku-4-5",
      max_tokens: 1000,
      stream: true,
      messages: [{ role: "user", content: "slow: 30" }],
    }),
  });
  let words = 0;
  for await (const { event } of readFrames(response)) {
    if (event === "content_block_delta") words++;
    if (words === count) break;
  }
}

interface Victim {
  workspace: string;
  family: "openai" | "anthropic";
  stream: boolean;
  /** Words after which it dies. */
  words: number;
}

const victims = Array.from({ length: kills }, (_, i): Victim => ({
  workspace: `w${i}`,
  family: i % 2 === 0 ? "openai" : "anthropic",
  stream: i % 4 < 2,
  words: random.next().value,
}));

const ask = ({ workspace, family, stream }: Victim, content: string): Promise<Response> =>
  lodge.post(
    family === "openai" ? "/v1/chat/completions" : "/v1/messages",
    { model: "haiku", max_tokens: 1000, stream, messages: [{ role: "user", content }] },
    { "x-claude-workspace": workspace },
  );

/** The process that answers in a workspace. */
const pidIn = (watch: Watch, workspace: string): Promise<number> =>
  watch.until(
    () =>
      [...watch.sessions.values()].find((session) => session.workspace === workspace && session.state.name === "busy")
        ?.pid,
  );

const statusOf = async () =>
  (await (await lodge.fetch("/status")).json()) as {
    live_sessions: unknown[];
    busy_workspaces: unknown[];
    queued: number;
  };

test("ten kills, each told to its client, none with a trace", async () => {
  await using watch = await lodge.watch();
  const leaders: number[] = [];
  await Promise.all(
    victims.map(async (victim) => {
      const reply = ask(victim, "slow: 30");
      const pid = await pidIn(watch, victim.workspace);
      leaders.push(pid);
      expect(processes().find((entry) => entry.pid === pid)?.group).toBe(pid);
      if (victim.stream && victim.words > 0) {
        await expectCutStream(victim, await reply, () => process.kill(pid, "SIGKILL"));
      } else {
        await wordsOfTime(victim.words);
        process.kill(pid, "SIGKILL");
        await expectFailure(victim, await reply);
      }
    }),
  );

  expect(new Set(leaders).size).toBe(kills);
  await watch.until(() =>
    [...watch.sessions.values()].every(({ state }) => state.name === "hibernated") ? true : undefined,
  );
  expect(await statusOf()).toMatchObject({ live_sessions: [], busy_workspaces: [], queued: 0 });
  expect(leaders.flatMap(groupOf)).toEqual([]);
});

test("every slot can be used again, at the same time", async () => {
  const replies = await Promise.all(
    victims
      .slice(0, slots)
      .map(async (victim, i) => (await ask({ ...victim, stream: false }, `echo: alive ${i}`)).text()),
  );
  for (const [i, reply] of replies.entries()) expect(reply).toContain(`alive ${i}`);
  expect((await statusOf()).live_sessions).toHaveLength(slots);
});

// The CLI gives each tool a process group of its own, so the end of its own group does not reach them.
test("what a killed CLI was running is ended with it", async () => {
  await using watch = await lodge.watch();
  const victim: Victim = { workspace: `w${kills}`, family: "anthropic", stream: false, words: 0 };
  const reply = ask(victim, 'tool: Bash {"command":"tail -f /dev/null"}');
  const pid = await pidIn(watch, victim.workspace);
  const toolOf = (root: number) =>
    treeOf(root).find((child) => processes().some((entry) => entry.pid === child && entry.command.startsWith("tail ")));
  await eventually("the tool runs", () => toolOf(pid) !== undefined, 20_000);
  const tree = treeOf(pid);
  using stack = new DisposableStack();
  stack.defer(() => {
    for (const left of tree.filter(isAlive)) process.kill(left, "SIGKILL");
  });
  process.kill(pid, "SIGKILL");
  await expectFailure(victim, await reply);
  await eventually("its tool is gone", () => !tree.some(isAlive), 1000);
});

async function expectFailure({ family }: Victim, response: Response): Promise<void> {
  expect(response.status).toBe(502);
  expectShape(family, (await response.json()) as object);
}

/** Reads so many words, kills, and reads on to the end. */
async function expectCutStream({ family, words }: Victim, response: Response, kill: () => void): Promise<void> {
  expect(response.status).toBe(200);
  const frames: Frame[] = [];
  let heard = 0;
  for await (const frame of readFrames(response)) {
    if (frame.comment !== undefined || frame.event === "ping") continue;
    frames.push(frame);
    if (frame.data.includes(`word`) && ++heard === words) kill();
  }
  expect(heard).toBeGreaterThanOrEqual(words);
  const last = frames.at(-1)!;
  expect(last.event).toBe(family === "anthropic" ? "error" : undefined);
  expectShape(family, JSON.parse(last.data) as object);
  // Neither mark of a good end.
  expect(frames.map(({ data }) => data)).not.toContain("[DONE]");
  expect(frames.map(({ event }) => event)).not.toContain("message_stop");
}

function expectShape(family: Victim["family"], body: object): void {
  const error = { type: family === "openai" ? "server_error" : "api_error" };
  expect(body).toMatchObject(family === "openai" ? { error } : { type: "error", error });
}
