// The contract of Chat Completions as the agent jobs' clients use it: a model that may be absent, and one that is unknown.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

const ask = async (model?: string) => {
  const response = await lodge.post("/v1/chat/completions", {
    ...(model === undefined ? {} : { model }),
    messages: [{ role: "user", content: "echo: hi" }],
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

let lodge: TestLodge;
beforeAll(async () => {
  lodge = await startTestLodge();
});
afterAll(() => lodge[Symbol.asyncDispose]());

const notOffered = {
  status: 400,
  body: {
    error: {
      message: expect.stringContaining("gpt-9"),
      type: "invalid_request_error",
      param: "model",
      code: "model_not_found",
    },
    supported: expect.arrayContaining(["haiku", "sonnet", "opus"]),
  },
};

test("a model that is not offered: 400 with the OpenAI error object and `supported`", async () => {
  expect(await ask("gpt-9")).toEqual(notOffered);
  expect(lodge.requests).toEqual([]);
});

test("model is optional, and the default can be set", async () => {
  expect(await ask()).toMatchObject({ status: 200, body: { model: expect.stringContaining("sonnet") } });
  // The CLI's own list is known by now.
  expect(await ask("gpt-9")).toEqual(notOffered);
  await lodge.restart({ LODGE_DEFAULT_MODEL: "haiku" });
  expect(await ask()).toMatchObject({ status: 200, body: { model: expect.stringContaining("haiku") } });
});
