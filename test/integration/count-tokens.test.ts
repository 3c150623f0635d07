// What a request would come to, by estimate, through the real package.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic, { BadRequestError } from "@anthropic-ai/sdk";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
let anthropic: Anthropic;

beforeAll(async () => {
  lodge = await startTestLodge();
  anthropic = new Anthropic({ baseURL: lodge.url, apiKey: lodge.token, authToken: null, maxRetries: 0 });
});
afterAll(() => lodge[Symbol.asyncDispose]());

type Params = Parameters<Anthropic["messages"]["countTokens"]>[0];
const asked: Params = { model: "haiku", messages: [{ role: "user", content: "x".repeat(400) }] };
const count = async (more: Partial<Params> = {}) =>
  (await anthropic.messages.countTokens({ ...asked, ...more })).input_tokens;

test("text counts by its length, the system prompt and tools with it", async () => {
  expect(await count()).toBe(100);
  expect(await count({ system: "y".repeat(40) })).toBe(110);
  const tool = { name: "look", description: "z".repeat(400), input_schema: { type: "object" as const } };
  expect(await count({ tools: [tool] })).toBeGreaterThan(200);
});

test("a picture counts by a flat figure, also in the result of a tool", async () => {
  const source = { type: "base64" as const, media_type: "image/png" as const, data: "iVBORw0KGgo=" };
  const image = { type: "image" as const, source };
  expect(await count({ messages: [{ role: "user", content: [image] }] })).toBe(1600);
  const messages: Params["messages"] = [
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "look", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [image, image] }] },
  ];
  expect(await count({ messages })).toBe(3202);
});

test("no model is asked, and what no reply would be given for is refused by name", async () => {
  const before = lodge.requests.length;
  await count();
  expect(lodge.requests.length).toBe(before);
  const refused = async (more: Partial<Params>) =>
    await count(more).then(
      () => null,
      (reason: unknown) => reason as Error,
    );
  const unknown = await refused({ model: "nothing-of-the-kind" });
  expect(unknown).toBeInstanceOf(BadRequestError);
  expect(unknown?.message).toContain("model");
  expect((await refused({ messages: [] }))?.message).toContain("messages");
});
