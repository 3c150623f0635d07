// The contract of the Workspace API's OpenAI adapter: what its clients send beside what OpenAI's own do.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { pixel } from "../harness/media.ts";

setDefaultTimeout(60_000);

interface Completion {
  model: string;
  choices: { message: { content: string } }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** A conversation whose process is there already, for all that needs none of its own. One request at a time. */
const there = { "x-claude-session": "there" };

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
});
afterAll(() => lodge[Symbol.asyncDispose]());

async function ask(content: string, headers: Record<string, string> = {}, more: object = {}, path = "/openai/v1") {
  const response = await lodge.post(
    `${path}/chat/completions`,
    { model: "haiku", messages: [{ role: "user", content }], ...more },
    headers,
  );
  const body = (await response.json()) as Completion;
  return { status: response.status, body, text: body.choices?.[0]?.message.content, headers: response.headers };
}

const withModel = (model: string) => ask("echo: x", there, { model });

describe("GET /models", () => {
  test.each(["/openai/v1", "/v1"])("of %s always lists the aliases", async (base) => {
    const { object, data } = (await (await lodge.fetch(`${base}/models`)).json()) as {
      object: string;
      data: { id: string; object: string; owned_by: string }[];
    };
    expect(object).toBe("list");
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(["haiku", "sonnet", "opus"]));
    for (const model of data) expect(model).toMatchObject({ object: "model", owned_by: expect.any(String) });
  });
});

test("the same handlers answer on both paths: one conversation goes on from one to the other", async () => {
  expect(await ask("turns", there, {}, "/openai/v1")).toMatchObject({ status: 200, text: "1" });
  expect(await ask("turns", there, {}, "/v1")).toMatchObject({ status: 200, text: "2" });
});

describe("model", () => {
  test("may carry a provider's prefix", async () => {
    const [plain, prefixed] = [await withModel("haiku"), await withModel("openai/haiku")];
    expect(prefixed).toMatchObject({ status: 200, text: "x" });
    expect(prefixed.body.model).toBe(plain.body.model);
  });

  test.each(["haiku", "sonnet", "opus"])("%s is taken", async (model) => {
    const { status, body } = await withModel(model);
    expect(status).toBe(200);
    expect(body.model).toContain(model);
  });
});

describe("headers", () => {
  beforeAll(() => mkdir(join(lodge.data, "workspaces/site")));
  const here = { "x-claude-workspace": "site" };

  test("x-claude-workspace is the folder that the turn works in", async () => {
    expect((await ask('tool: Bash {"command":"basename $PWD"}', here)).text).toBe("Bash -> site");
  });

  test("x-claude-continue: 1, true and yes go on with the workspace's latest conversation; anything else does not", async () => {
    for (const [turn, yes] of ["1", "true", "yes", "Yes"].entries()) {
      expect((await ask("turns", { ...here, "x-claude-continue": yes })).text).toBe(String(turn + 2));
    }
    expect((await ask("turns", { ...here, "x-claude-continue": "0" })).text).toBe("1");
  });

  test("x-claude-append-system-prompt comes after what the system prompt says already", async () => {
    const { text } = await ask("system", { "x-claude-append-system-prompt": "Sign with a fish." });
    expect(text!.indexOf("Sign with a fish.")).toBeGreaterThan(1000);
  });
});

test.each(["reasoning_effort", "reasoningEffort"])("%s is the CLI's effort", async (field) => {
  const efforts = [];
  for (const effort of ["low", "high"]) {
    const from = lodge.requests.length;
    expect((await ask(`echo: ${field} ${effort}`, there, { model: "sonnet", [field]: effort })).status).toBe(200);
    const request = lodge.requests.slice(from).find((each) => JSON.stringify(each).includes(`${field} ${effort}`));
    // Where it stands depends on the model: in the request, or in a message of the system's, of which the latest counts.
    efforts.push([...JSON.stringify(request).matchAll(/"output_config":\{"effort":"(\w+)"/g)].at(-1)?.[1]);
  }
  expect(efforts).toEqual(["low", "high"]);
});

describe("image_url", () => {
  const show = async (...urls: string[]) => {
    const images = urls.map((url) => ({ type: "image_url", image_url: { url } }));
    const content = [{ type: "text", text: "describe" }, ...images];
    const response = await lodge.post("/openai/v1/chat/completions", { messages: [{ role: "user", content }] }, there);
    return { status: response.status, body: (await response.json()) as Completion & { error?: { param: string } } };
  };

  test("is a data: URL or raw base64, and reaches the model as an image", async () => {
    const { body } = await show(`data:image/png;base64,${pixel}`, pixel);
    expect(body.choices[0]?.message.content).toBe("image image/png 70 bytes\nimage image/png 70 bytes");
  });

  test.each(["http://127.0.0.1", "http://localhost", "http://2130706433", "http://[::ffff:7f00:1]", "http://0"])(
    "never reaches this machine: %s",
    async (origin) => {
      let asked = 0;
      using server = Bun.serve({ port: 0, fetch: () => new Response(`${(asked += 1)}`) });
      const { status, body } = await show(`data:image/png;base64,${pixel}`, `${origin}:${server.port}/a.png`);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        param: "messages.0.content.2.image_url.url",
        message: expect.stringContaining("not public"),
      });
      expect(asked).toBe(0);
    },
  );
});

test("fields that nobody knows are accepted", async () => {
  const more = { frobnicate: { a: [1] }, top_k: 3, metadata: { x: "y" }, user: "me" };
  expect(await ask("echo: fine", there, more)).toMatchObject({ status: 200, text: "fine" });
});

test("usage is real: the model's own counts, and more words are more tokens", async () => {
  const [short, long] = [await ask("long: 100", there), await ask("long: 10000", there)];
  for (const { body } of [short, long]) {
    const { prompt_tokens: asked, completion_tokens: said, total_tokens: total } = body.usage;
    expect(asked).toBeGreaterThan(0);
    expect(total).toBe(asked + said);
  }
  expect(long.body.usage.completion_tokens).toBeGreaterThan(10 * short.body.usage.completion_tokens);
});
