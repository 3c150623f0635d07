// Clients whose conversations begin alike never share a process, however many there are and however few processes.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_MAX_LIVE: "3" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Said {
  role: "user" | "assistant";
  content: string;
}

/** A client that sends its whole conversation each time, as most do. */
class Client {
  readonly said: Said[] = [];
  readonly sessions: string[] = [];
  readonly #driver: string;

  constructor(driver = "stream") {
    this.#driver = driver;
  }

  async say(content: string): Promise<string> {
    this.said.push({ role: "user", content });
    const request = { model: "haiku:model", messages: this.said };
    const response = await lodge.post("/v1/chat/completions", request, { "x-claude-driver": this.#driver });
    const body = (await response.json()) as { choices: { message: Said }[] };
    expect({ status: response.status, body }).toMatchObject({ status: 200 });
    this.sessions.push(response.headers.get("x-claude-session")!);
    const { message } = body.choices[0]!;
    this.said.push({ role: "assistant", content: message.content });
    return message.content;
  }

  /** Every user message that the model was sent in the request that ended with this one. */
  static seenBefore(last: string): string {
    const request = lodge.requests.findLast(({ messages }) => JSON.stringify(messages).includes(last));
    return JSON.stringify(request?.messages);
  }
}

// The interactive CLI is slow to start: four of them are as good as six.
test.each([
  ["stream", 6],
  ["terminal", 4],
] as const)(
  "with the %s driver, %i clients that begin alike, three processes, as many conversations",
  async (driver, count) => {
    const clients = Array.from({ length: count }, () => new Client(driver));
    const first = await Promise.all(clients.map((client) => client.say("good morning")));
    expect(new Set(first)).toEqual(new Set(["Turn 1. You said: good morning"]));
    expect(new Set(clients.map((client) => client.sessions[0])).size).toBe(count);

    // From here on they differ in what they say, while what they said before is the same.
    const second = await Promise.all(clients.map((client, i) => client.say(`echo: I am number ${i}.`)));
    expect(second).toEqual(clients.map((_, i) => `I am number ${i}.`));

    const third = await Promise.all(clients.map((client, i) => client.say(`who am I, asks ${i}`)));
    expect(third).toEqual(clients.map((_, i) => `Turn 3. You said: who am I, asks ${i}`));
    for (const i of clients.keys()) {
      const seen = Client.seenBefore(`who am I, asks ${i}`);
      expect(seen.match(/I am number \d/g)?.every((words) => words === `I am number ${i}`)).toBe(true);
    }
    expect(new Set(clients.map((client) => client.sessions[2])).size).toBe(count);
  },
);

test("two conversations that are one up to a point, then part", async () => {
  const one = new Client();
  await one.say("echo: shared");
  const other = new Client();
  other.said.push(...one.said);

  const [mine, theirs] = await Promise.all([one.say("echo: left"), other.say("echo: right")]);
  expect([mine, theirs]).toEqual(["left", "right"]);
  expect(one.sessions.at(-1)).not.toBe(other.sessions.at(-1));

  expect(await Promise.all([one.say("turns"), other.say("turns")])).toEqual(["3", "3"]);
  expect(await Promise.all([one.say("to the left"), other.say("to the right")])).toEqual([
    "Turn 4. You said: to the left",
    "Turn 4. You said: to the right",
  ]);
  expect(Client.seenBefore("to the left")).not.toContain("right");
  expect(Client.seenBefore("to the right")).not.toContain("left");
});
