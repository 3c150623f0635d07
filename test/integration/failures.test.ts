// What a client of each family gets of the model's failures: before its reply began, and in the midst of its stream.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { collectFrames, type Frame } from "../harness/sse.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model", LODGE_MAX_LIVE: "4" });
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Names {
  status: number;
  anthropic: string;
  openai: string;
  code: string;
  message: RegExp;
  retryAfter?: boolean;
}

const overloaded: Names = {
  status: 529,
  anthropic: "overloaded_error",
  openai: "server_error",
  code: "overloaded",
  message: /scripted overload/,
  retryAfter: true,
};
const limited: Names = {
  status: 429,
  anthropic: "rate_limit_error",
  openai: "rate_limit_error",
  code: "rate_limit_exceeded",
  message: /rate limit/,
  retryAfter: true,
};
const tooLong: Names = {
  status: 400,
  anthropic: "invalid_request_error",
  openai: "invalid_request_error",
  code: "context_length_exceeded",
  message: /^prompt is too long/,
};
const lost: Names = {
  status: 500,
  anthropic: "api_error",
  openai: "server_error",
  code: "api_error",
  message: /lost in the midst/,
};

const closed: Names = {
  status: 401,
  anthropic: "authentication_error",
  openai: "authentication_error",
  code: "not_logged_in",
  message: /scripted authentication failure/,
};
const forbidden: Names = {
  status: 403,
  anthropic: "permission_error",
  openai: "permission_error",
  code: "not_permitted",
  message: /scripted refusal of the account/,
};
const tooLarge: Names = {
  status: 413,
  anthropic: "request_too_large",
  openai: "invalid_request_error",
  code: "request_too_large",
  message: /^The request is too large/,
};
const tooLate: Names = {
  status: 504,
  anthropic: "timeout_error",
  openai: "timeout_error",
  code: "api_timeout",
  message: /scripted timeout/,
};

const user = (content: string) => [{ role: "user", content }];
const families = {
  chat: { path: "/v1/chat/completions", body: (text: string) => ({ model: "haiku", messages: user(text) }) },
  messages: {
    path: "/v1/messages",
    body: (text: string) => ({ model: "haiku", max_tokens: 4096, messages: user(text) }),
  },
  responses: { path: "/v1/responses", body: (text: string) => ({ model: "haiku", input: text }) },
} as const;
type Family = keyof typeof families;

function expectBody(family: Family, body: unknown, { anthropic, openai, code, message }: Names): void {
  const words = expect.stringMatching(message);
  if (family === "messages") {
    expect(body).toMatchObject({ type: "error", error: { type: anthropic, message: words } });
    expect((body as { request_id: string }).request_id).toStartWith("req_");
  } else expect(body).toEqual({ error: { message: words, type: openai, param: null, code } });
}

/** What was said, and what the last frame holds. */
function told(family: Family, frames: Frame[]): { said: string; last: unknown } {
  const events = frames.map(({ data }) => JSON.parse(data) as Chunk & DeltaEvent);
  const words = events.map((event) => {
    if (family === "chat") return event.choices?.[0]?.delta.content ?? "";
    if (family === "messages") return event.type === "content_block_delta" ? event.delta.text : "";
    return event.type === "response.output_text.delta" ? (event.delta as unknown as string) : "";
  });
  return { said: words.join(""), last: events.at(-1) };
}

interface Chunk {
  choices?: { delta: { content?: string } }[];
}
interface DeltaEvent {
  type: string;
  delta: { text: string };
}

test.concurrent.each([
  ["chat", "fail: too-long", tooLong],
  ["chat", "fail: 401", closed],
  ["chat", "fail: 504 midway", tooLate],
  ["messages", "fail: 429", limited],
  ["messages", "fail: 413", tooLarge],
  ["responses", "fail: 529 midway", overloaded],
  ["responses", "fail: 403", forbidden],
] as const)("%s: %s has its status where nothing is streamed", async (family, text, expected) => {
  const response = await lodge.post(families[family].path, families[family].body(text));
  expect(response.status).toBe(expected.status);
  if (expected.retryAfter) expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expectBody(family, await response.json(), expected);
});

test.concurrent.each([
  ["chat", "fail: lost", lost],
  ["chat", "fail: 429 midway", limited],
  ["messages", "fail: 529 midway", overloaded],
  ["messages", "fail: 504 midway", tooLate],
  ["responses", "fail: 429 midway", limited],
  ["responses", "fail: too-long midway", tooLong],
] as const)("%s: %s comes after what was said where it is streamed", async (family, text, expected) => {
  const response = await lodge.post(families[family].path, { ...families[family].body(text), stream: true });
  expect(response.status).toBe(200);
  const frames = await collectFrames(response);
  const { said, last } = told(family, frames);
  expect(said).toBe("This answer breaks off in the middle of");
  if (family !== "responses") return expectBody(family, last, expected);
  const error = { code: expected.code, message: expect.stringMatching(expected.message) };
  expect(last).toMatchObject({ type: "response.failed", response: { status: "failed", error } });
});
