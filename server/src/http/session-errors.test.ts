// How each family tells of what a session failed of: the status, the names that its clients know, and whether to come again.
import { describe, expect, test } from "bun:test";
import { SessionError, type SessionErrorKind } from "../sessions/index.ts";
import { errorBody, errorResponse } from "./families.ts";
import { fromSessionError } from "./session-errors.ts";

interface Row {
  kind: SessionErrorKind;
  status: number;
  anthropic: string;
  openai: string;
  code?: string;
  retryAfter?: string;
  shouldRetry?: "false";
}

const rows: Row[] = [
  { kind: "invalid_request", status: 400, anthropic: "invalid_request_error", openai: "invalid_request_error" },
  {
    kind: "prompt_too_long",
    status: 400,
    anthropic: "invalid_request_error",
    openai: "invalid_request_error",
    code: "context_length_exceeded",
  },
  {
    kind: "not_logged_in",
    status: 401,
    anthropic: "authentication_error",
    openai: "authentication_error",
    shouldRetry: "false",
  },
  {
    kind: "not_permitted",
    status: 403,
    anthropic: "permission_error",
    openai: "permission_error",
    shouldRetry: "false",
  },
  { kind: "model_not_found", status: 404, anthropic: "not_found_error", openai: "not_found_error" },
  { kind: "request_too_large", status: 413, anthropic: "request_too_large", openai: "invalid_request_error" },
  {
    kind: "rate_limited",
    status: 429,
    anthropic: "rate_limit_error",
    openai: "rate_limit_error",
    code: "rate_limit_exceeded",
    retryAfter: "30",
  },
  { kind: "api_error", status: 500, anthropic: "api_error", openai: "server_error" },
  { kind: "process_died", status: 502, anthropic: "api_error", openai: "server_error" },
  { kind: "cli_not_found", status: 502, anthropic: "api_error", openai: "server_error", shouldRetry: "false" },
  { kind: "queue_full", status: 503, anthropic: "overloaded_error", openai: "server_error", retryAfter: "5" },
  { kind: "disk_full", status: 503, anthropic: "overloaded_error", openai: "server_error", retryAfter: "5" },
  { kind: "draining", status: 503, anthropic: "overloaded_error", openai: "server_error", retryAfter: "5" },
  { kind: "api_timeout", status: 504, anthropic: "timeout_error", openai: "timeout_error" },
  { kind: "watchdog", status: 504, anthropic: "timeout_error", openai: "timeout_error" },
  { kind: "turn_timeout", status: 504, anthropic: "timeout_error", openai: "timeout_error", shouldRetry: "false" },
  { kind: "overloaded", status: 529, anthropic: "overloaded_error", openai: "server_error", retryAfter: "5" },
];

describe.each(rows)("$kind", ({ kind, status, anthropic, openai, code = kind, retryAfter, shouldRetry }) => {
  const error = fromSessionError(new SessionError(kind, "Something is wrong."));

  test("to a client of the Messages API, by its status and in mid-stream", async () => {
    const response = errorResponse("anthropic", error, "req_1");
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(retryAfter ?? null);
    expect(response.headers.get("x-should-retry")).toBe(shouldRetry ?? null);
    const body = { type: "error", error: { type: anthropic, message: "Something is wrong." }, request_id: "req_1" };
    expect(await response.json()).toEqual(body);
    expect(errorBody("anthropic", error, "req_1")).toEqual(body);
  });

  test("to a client of OpenAI's, by its status and in mid-stream", async () => {
    const response = errorResponse("openai", error, "req_1");
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(retryAfter ?? null);
    expect(response.headers.get("x-should-retry")).toBe(shouldRetry ?? null);
    const body = { error: { message: "Something is wrong.", type: openai, param: null, code } };
    expect(await response.json()).toEqual(body);
    expect(errorBody("openai", error, "req_1")).toEqual(body);
  });
});

test("a time that the API named goes before any other", () => {
  const limited = new SessionError("rate_limited", "Slow down.", { retryAfter: 77.2 });
  expect(errorResponse("openai", fromSessionError(limited), "req_1").headers.get("retry-after")).toBe("78");
});
