// Which family an address belongs to, and how each tells of the same failure.
import { describe, expect, test } from "bun:test";
import { ApiError } from "./errors.ts";
import { errorBody, errorResponse, type Family, familyOf } from "./families.ts";

const anthropicClient = { "anthropic-version": "2023-06-01" };

test.each<[string, Record<string, string>, Family]>([
  ["/v1/chat/completions", {}, "openai"],
  ["/v1/chat/completions", anthropicClient, "openai"],
  ["/v1/responses/resp_1", {}, "openai"],
  ["/openai/v1/models", anthropicClient, "openai"],
  ["/v1/models", {}, "openai"],
  ["/v1/models", anthropicClient, "anthropic"],
  ["/v1/models/haiku", anthropicClient, "anthropic"],
  ["/v1/messages", {}, "anthropic"],
  ["/v1/messages/count_tokens", {}, "anthropic"],
  ["/run", {}, "workspace"],
  ["/files/a/b", {}, "workspace"],
  ["/status", {}, "workspace"],
  ["/jobs/1", {}, "workspace"],
  ["/api/sessions", {}, "dashboard"],
  ["/apis", {}, "workspace"],
])("%s with %j is of %s", (path, headers, family) => {
  expect(familyOf(path, new Headers(headers))).toBe(family);
});

describe("one failure", () => {
  const error = new ApiError("invalid_request", "n: too many", {
    param: "n",
    code: "too_many",
    extra: { supported: ["a"] },
  });

  test.each<[Family, object]>([
    [
      "openai",
      {
        error: { message: "n: too many", type: "invalid_request_error", param: "n", code: "too_many" },
        supported: ["a"],
      },
    ],
    [
      "anthropic",
      {
        type: "error",
        error: { type: "invalid_request_error", message: "n: too many" },
        request_id: "req_1",
        supported: ["a"],
      },
    ],
    ["workspace", { detail: "n: too many", supported: ["a"] }],
    ["dashboard", { type: "about:blank", title: "invalid request", status: 400, detail: "n: too many", field: "n" }],
  ])("as %s has it", (family, body) => {
    expect(errorBody(family, error, "req_1")).toEqual(body);
  });

  test("without a field or a code, OpenAI's clients still find both", () => {
    expect(errorBody("openai", new ApiError("internal", "no"), "req_1")).toEqual({
      error: { message: "no", type: "server_error", param: null, code: null },
    });
  });
});

describe("the headers", () => {
  const headersOf = (error: ApiError, family: Family = "openai") => errorResponse(family, error, "req_1").headers;

  test("say when to try again, in whole seconds and never at once", () => {
    expect(headersOf(new ApiError("rate_limit", "slow down", { retryAfter: 1.2 })).get("retry-after")).toBe("2");
    expect(headersOf(new ApiError("rate_limit", "slow down", { retryAfter: 0 })).get("retry-after")).toBe("1");
    expect(headersOf(new ApiError("rate_limit", "slow down")).get("retry-after")).toBeNull();
  });

  test("say when trying again cannot help", () => {
    expect(headersOf(new ApiError("internal", "no", { shouldRetry: false })).get("x-should-retry")).toBe("false");
    expect(headersOf(new ApiError("internal", "no")).get("x-should-retry")).toBeNull();
  });

  test("ask for a token, and name the methods that there are", () => {
    expect(headersOf(new ApiError("authentication", "who?")).get("www-authenticate")).toStartWith("Bearer");
    const notAllowed = new ApiError("method_not_allowed", "no", { allow: ["GET", "POST"] });
    expect(headersOf(notAllowed).get("allow")).toBe("GET, POST");
  });

  test("carry the type of each family's body", () => {
    expect(headersOf(new ApiError("internal", "no"), "dashboard").get("content-type")).toBe("application/problem+json");
    expect(headersOf(new ApiError("internal", "no"), "anthropic").get("content-type")).toBe("application/json");
  });
});

test.each([
  ["invalid_request", 400, "invalid_request_error", "invalid_request_error"],
  ["authentication", 401, "authentication_error", "authentication_error"],
  ["permission", 403, "permission_error", "permission_error"],
  ["not_found", 404, "not_found_error", "not_found_error"],
  ["too_large", 413, "request_too_large", "invalid_request_error"],
  ["rate_limit", 429, "rate_limit_error", "rate_limit_error"],
  ["internal", 500, "api_error", "server_error"],
  ["timeout", 504, "timeout_error", "timeout_error"],
  ["overloaded", 529, "overloaded_error", "server_error"],
] as const)("%s is %d and has the type that clients know", (kind, status, anthropic, openai) => {
  const error = new ApiError(kind, "no");
  expect(error.status).toBe(status);
  expect(errorBody("anthropic", error, "req_1")).toMatchObject({ error: { type: anthropic } });
  expect(errorBody("openai", error, "req_1")).toMatchObject({ error: { type: openai } });
});
