// Each family's clients get errors in the shape that they know, with the right status, and nothing of the host in them.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  anthropic,
  dashboard,
  type ErrorFamily,
  openai,
  requireError,
  requireNoLeak,
  workspace,
} from "../harness/error-bodies.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { rawRequest } from "../harness/raw-http.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** Checks the status, the shape, and that nothing leaks; returns the message and the body. */
async function errorOf(family: ErrorFamily, response: Response, status: number) {
  const raw = await response.text();
  expect({ status: response.status, raw }).toEqual({ status, raw });
  return requireError(family, response, raw, [lodge.data, lodge.token]);
}

const chat = { model: "haiku", messages: [{ role: "user", content: "hi" }] };
const message = { ...chat, max_tokens: 100 };

/** Addresses that take a body. */
const posts = [
  { path: "/v1/chat/completions", family: openai, good: chat as object, invalid: 400 },
  { path: "/openai/v1/chat/completions", family: openai, good: chat, invalid: 400 },
  { path: "/v1/messages", family: anthropic, good: message, invalid: 400 },
  { path: "/run", family: workspace, good: { prompt: "hi" }, invalid: 400 },
  { path: "/execute", family: workspace, good: { prompt: "hi" }, invalid: 400 },
  { path: "/api/login", family: dashboard, good: { token: "x" }, invalid: 422 },
];

const send = (path: string, body: RequestInit["body"], headers: Record<string, string> = {}): Promise<Response> =>
  lodge.fetch(path, {
    method: "POST",
    body: body ?? null,
    headers: { "content-type": "application/json", ...headers },
  });

describe("without a token", () => {
  const closed = [
    { method: "POST", path: "/v1/chat/completions", family: openai },
    { method: "POST", path: "/openai/v1/chat/completions", family: openai },
    { method: "GET", path: "/v1/models", family: openai },
    { method: "GET", path: "/v1/nothing", family: openai },
    { method: "POST", path: "/v1/messages", family: anthropic },
    { method: "GET", path: "/v1/models", family: anthropic, headers: { "anthropic-version": "2023-06-01" } },
    { method: "GET", path: "/status", family: workspace },
    { method: "POST", path: "/run", family: workspace },
    { method: "GET", path: "/run/result?runId=x", family: workspace },
    { method: "POST", path: "/run/cancel?workspace=x", family: workspace },
    { method: "GET", path: "/files", family: workspace },
    { method: "GET", path: "/files/x", family: workspace },
    { method: "PUT", path: "/files/x", family: workspace },
    { method: "DELETE", path: "/files/x", family: workspace },
    { method: "POST", path: "/execute", family: workspace },
    { method: "GET", path: "/jobs", family: workspace },
    { method: "GET", path: "/jobs/x/events", family: workspace },
    { method: "GET", path: "/swagger/json", family: workspace },
    { method: "GET", path: "/api/sessions", family: dashboard },
    { method: "GET", path: "/api/events", family: dashboard },
  ];
  const credentials: Record<string, string>[] = [
    {},
    { authorization: "Bearer wrong-token" },
    { authorization: "Bearer " },
    { authorization: "Basic d3Jvbmc6d3Jvbmc=" },
    { "x-api-key": "wrong-token" },
  ];
  test.each(closed)("$method $path is 401", async ({ method, path, family, headers }) => {
    for (const wrong of credentials) {
      const body = method === "POST" || method === "PUT" ? JSON.stringify(message) : null;
      const response = await fetch(lodge.url + path, { method, body, headers: { ...headers, ...wrong } });
      const { message: words } = await errorOf(family, response, 401);
      expect(words).toContain("token");
      expect(response.headers.get("www-authenticate")).toStartWith("Bearer");
      expect(response.headers.get("x-should-retry")).toBe("false");
    }
  });

  test.each(["/health", "/healthz", "/", "/sessions"])("%s is open", async (path) => {
    expect((await fetch(lodge.url + path)).status).not.toBe(401);
  });

  test.each(["/x/../v1/models", "/v1/./models", "/v1/models/", "/api/login/../sessions", "/swagger/json/"])(
    "%s is no way around",
    async (target) => {
      const reply = await rawRequest(lodge.url, { target });
      expect(reply.status).toBe(401);
    },
  );
});

describe.each(posts)("POST $path", ({ path, family, good, invalid }) => {
  test.each(['{"model":', "not json", "{'model': 1}", '{"a":1}}'])("malformed JSON %j is 400", async (body) => {
    const { message: words } = await errorOf(family, await send(path, body), 400);
    expect(words).toContain("JSON");
  });

  test("an empty body is 400", async () => {
    for (const body of ["", "  \n", undefined]) await errorOf(family, await send(path, body), 400);
  });

  test.each(["null", "[]", '"text"', "3"])("a body that is %s and no object is refused", async (body) => {
    await errorOf(family, await send(path, body), invalid);
  });

  test("JSON is JSON whatever the content type says", async () => {
    const body = JSON.stringify({ ...good, messages: 3, token: 3, prompt: 3 });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const { message: words } = await errorOf(family, await send(path, body, { "content-type": type }), invalid);
      expect(words).toMatch(/^(messages|token|prompt): /);
    }
  });

  test("a body that says it is over the limit is 413 before any of it is read", async () => {
    const reply = await rawRequest(lodge.url, {
      method: "POST",
      target: path,
      headers: { authorization: `Bearer ${lodge.token}`, "content-length": String(33 * 1024 * 1024) },
    });
    expect(reply.status).toBe(413);
    requireNoLeak(reply.body, [lodge.data, lodge.token]);
    expect(reply.body).toContain("limit");
  });

  test("a body that turns out over the limit is 413, read no further", async () => {
    const piece = new Uint8Array(1024 * 1024);
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces++;
        controller.enqueue(piece);
      },
    });
    const error = await errorOf(family, await send(path, endless), 413);
    expect(error.message).toContain("limit");
    // 32 MiB is the limit; the rest is what buffers on the way take.
    expect(pieces).toBeLessThan(64);
  });

  test("the wrong method is 405", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const response = await lodge.fetch(path, { method });
      const { message: words } = await errorOf(family, response, 405);
      expect(words).toContain("POST");
      expect(response.headers.get("allow")).toBe("POST");
    }
  });
});

describe("what is not there", () => {
  const missing = [
    { path: "/v1/nothing", family: openai },
    { path: "/openai/v1/nothing", family: openai },
    { path: "/v1/models/nothing", family: openai },
    { path: "/v1/models/%zz", family: openai },
    { path: "/v1/messages/nothing", family: anthropic },
    { path: "/v1/models/nothing", family: anthropic, headers: { "anthropic-version": "2023-06-01" } },
    { path: "/api/nothing", family: dashboard },
    { path: "/status/nothing", family: workspace },
    { path: "/run/nothing", family: workspace },
  ];
  test.each(missing)("GET $path is 404", async ({ path, family, headers = {} }) => {
    await errorOf(family, await lodge.fetch(path, { headers }), 404);
  });
  test.each(["/v1/nothing", "/api/nothing", "/nothing"])("POST %s is 404", async (path) => {
    const response = await lodge.post(path, {});
    expect(response.status).toBe(404);
    requireNoLeak(await response.text(), [lodge.data, lodge.token]);
  });
  test.each([
    ["POST", "/status", workspace],
    ["DELETE", "/v1/models", openai],
    ["POST", "/api/sessions", dashboard],
    ["GET", "/api/login", dashboard],
  ] as const)("%s %s is 405", async (method, path, family) => {
    await errorOf(family, await lodge.fetch(path, { method }), 405);
  });
});

describe("a wrong field is named", () => {
  const roles = { model: "haiku", messages: [{ role: "robot", content: "hi" }] };
  test.each([
    [{ ...chat, messages: "hi" }, "messages"],
    [{ ...chat, messages: [] }, "messages"],
    [{ ...chat, messages: undefined }, "messages"],
    [{ ...chat, model: 3 }, "model"],
    [{ ...chat, stream: "yes" }, "stream"],
    [roles, "messages.0.role"],
    [{ ...chat, messages: [{ role: "user" }] }, "messages.0.content"],
    [{ ...chat, messages: [{ role: "user", content: [{ type: "text", text: 1 }] }] }, "messages.0.content.0.text"],
    [{ ...chat, reasoning_effort: "enormous" }, "reasoning_effort"],
    [{ ...chat, n: 2 }, "n"],
    [{ ...chat, n: 0 }, "n"],
    [{ ...chat, logprobs: true }, "logprobs"],
    [{ ...chat, top_logprobs: 3 }, "top_logprobs"],
    [{ ...chat, audio: { voice: "alloy", format: "wav" } }, "audio"],
    [{ ...chat, modalities: ["text", "audio"] }, "modalities.1"],
    [{ ...chat, functions: [{ name: "f" }] }, "functions"],
    [{ ...chat, response_format: { type: "xml" } }, "response_format.type"],
    [{ ...chat, response_format: { type: "json_schema", json_schema: {} } }, "response_format.json_schema.name"],
  ])("of Chat Completions: %j", async (body, param) => {
    const error = await errorOf(openai, await lodge.post("/v1/chat/completions", body), 400);
    expect(error.body).toMatchObject({ error: { type: "invalid_request_error", param } });
    expect(error.message).toStartWith(`${param}: `);
  });

  test.each([
    [{ ...message, messages: "hi" }, "messages"],
    [{ ...message, max_tokens: undefined }, "max_tokens"],
    [{ ...message, max_tokens: 0 }, "max_tokens"],
    [{ ...message, model: undefined }, "model"],
    [{ ...message, stream: 1 }, "stream"],
    [{ ...message, ...roles }, "messages.0.role"],
    [{ ...message, messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages.0.content.0.text"],
    [{ ...message, messages: [{ role: "user", content: [{ type: "video" }] }] }, "messages.0.content.0.type"],
    [{ ...message, system: [{ type: "image" }] }, "system.0.type"],
    [{ ...message, thinking: { type: "sometimes" } }, "thinking.type"],
    [{ ...message, output_config: { format: { type: "json_object" } } }, "output_config.format.type"],
    [{ ...message, output_config: { format: { type: "json_schema" } } }, "output_config.format.schema"],
  ])("of the Messages API: %j", async (body, field) => {
    const error = await errorOf(anthropic, await lodge.post("/v1/messages", body), 400);
    expect(error.body).toMatchObject({ error: { type: "invalid_request_error" } });
    expect(error.message).toStartWith(`${field}: `);
  });

  test.each([
    [{}, "token"],
    [{ token: 3 }, "token"],
    [{ token: "" }, "token"],
    [{ token: "x".repeat(600) }, "token"],
  ])("of the dashboard, with 422: %#", async (body, field) => {
    const error = await errorOf(dashboard, await lodge.post("/api/login", body), 422);
    expect(error.body).toMatchObject({ field });
  });

  test.each([
    ["x-claude-mode", "wild"],
    ["x-claude-effort", "enormous"],
    ["x-claude-max-turns", "none"],
    ["x-claude-timeout", "-1"],
    ["x-claude-permission-mode", "godMode"],
  ])("header %s: %s", async (header, value) => {
    for (const { path, family, good } of posts.slice(0, 3)) {
      const error = await errorOf(family, await lodge.post(path, good, { [header]: value }), 400);
      expect(error.message).toContain(header);
    }
  });

  describe("of Anthropic's header", () => {
    const places = ["/v1/messages", "/v1/messages/count_tokens"];
    const named = (version: string) => ({ "anthropic-version": version });

    test.each(["2024-01-01", "newest"])("there is no version %s", async (version) => {
      const models = await lodge.fetch("/v1/models", { headers: named(version) });
      const posted = places.map((path) => lodge.post(path, message, named(version)));
      for (const response of [models, ...(await Promise.all(posted))]) {
        const error = await errorOf(anthropic, response, 400);
        expect(error.message).toStartWith("anthropic-version: ");
        expect(error.body).toMatchObject({ error: { type: "invalid_request_error" } });
      }
    });

    test.each(["temperature", "top_p", "top_k"])(
      "the newest version has no %s, and the older ones pass over it",
      async (name) => {
        const body = { ...message, [name]: 1 };
        for (const path of places) {
          const error = await errorOf(anthropic, await lodge.post(path, body, named("2026-10-21")), 400);
          expect(error.message).toBe(`${name}: Extra inputs are not permitted`);
        }
        for (const version of ["2023-01-01", "2023-06-01"]) {
          expect((await lodge.post("/v1/messages/count_tokens", body, named(version))).status).toBe(200);
        }
      },
    );

    test("every version comes with the key as either header, and with any beta", async () => {
      for (const version of ["2023-01-01", "2023-06-01", "2026-10-21"]) {
        for (const key of [{ authorization: `Bearer ${lodge.token}` }, { "x-api-key": lodge.token }]) {
          const headers = { ...named(version), ...key, "anthropic-beta": "one-2026-01-01,two-2026-02-02" };
          const init = { method: "POST", body: JSON.stringify(message), headers };
          expect((await fetch(`${lodge.url}/v1/messages/count_tokens?beta=true`, init)).status).toBe(200);
        }
      }
    });
  });

  test("the conversation must end with the user", async () => {
    const messages = [...chat.messages, { role: "assistant", content: "hello" }];
    await errorOf(openai, await lodge.post("/v1/chat/completions", { ...chat, messages }), 400);
    await errorOf(anthropic, await lodge.post("/v1/messages", { ...message, messages }), 400);
  });
});

describe("a model that is not offered", () => {
  test.each(posts.slice(0, 3))("on $path says which are", async ({ path, family, good }) => {
    for (const model of ["gpt-9", "openai/gpt-9", "gpt-9:agent"]) {
      const { body, message: words } = await errorOf(family, await lodge.post(path, { ...good, model }), 400);
      expect(body["supported"]).toEqual(expect.arrayContaining(["haiku", "sonnet", "opus"]));
      expect(words).toContain("gpt-9");
    }
  });
});

describe("a workspace", () => {
  beforeAll(async () => {
    const root = join(lodge.data, "workspaces");
    await Promise.all([
      mkdir(join(lodge.data, "workspaces-sibling")),
      writeFile(join(root, "file"), ""),
      symlink("/", join(root, "outside")),
      symlink(join(lodge.data, "workspaces-sibling"), join(root, "sibling")),
    ]);
  });

  test.each([
    "..",
    "../workspaces-sibling",
    "a/../..",
    "/../x",
    "/etc",
    "outside",
    "outside/etc",
    "sibling",
    "file",
    "file/x",
    "missing",
    "a\\..\\..\\x",
    "%2e%2e",
    "....//",
    "x".repeat(5000),
  ])("%s is 400", async (name) => {
    for (const { path, family, good } of posts.slice(0, 3)) {
      const response = await lodge.post(path, good, { "x-claude-workspace": name });
      const error = await errorOf(family, response, 400);
      expect(error.message).not.toContain("/etc/");
      if (family === openai) expect(error.body).toMatchObject({ error: { param: "x-claude-workspace" } });
    }
  });
});
