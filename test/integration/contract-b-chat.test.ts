// The contract of Chat Completions as the agent jobs' clients use it: a model that may be absent, and one that is unknown.
import { expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

const ask = async (lodge: TestLodge, model?: string) => {
  const response = await lodge.post("/v1/chat/completions", {
    ...(model === undefined ? {} : { model }),
    messages: [{ role: "user", content: "echo: hi" }],
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("model is optional, and the default can be set", async () => {
  await using lodge = await startTestLodge();
  expect(await ask(lodge)).toMatchObject({ status: 200, body: { model: expect.stringContaining("sonnet") } });
  await lodge.restart({ LODGE_DEFAULT_MODEL: "haiku" });
  expect(await ask(lodge)).toMatchObject({ status: 200, body: { model: expect.stringContaining("haiku") } });
});

test("a model that is not offered: 400 with the OpenAI error object and `supported`", async () => {
  await using lodge = await startTestLodge();
  const expected = {
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
  expect(await ask(lodge, "gpt-9")).toEqual(expected);
  expect(lodge.requests).toEqual([]);
  // The CLI's own list is known by then.
  await ask(lodge, "haiku");
  expect(await ask(lodge, "gpt-9")).toEqual(expected);
});
