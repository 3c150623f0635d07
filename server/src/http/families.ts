/**
 * One path belongs to one family of clients, and each family expects errors in a shape of its own. Everything that
 * answers with an error, routes and the fallback for unknown ones alike, comes through here.
 */
import type { Problem } from "@lodge/shared";
import type { ApiError, ErrorKind } from "./errors.ts";

export type Family = "openai" | "anthropic" | "workspace" | "dashboard" | "mcp";

/** Which family a request belongs to. `/v1/models` serves two: `anthropic-version` tells them apart. */
export function familyOf(pathname: string, headers: Headers): Family {
  if (pathname.startsWith("/api/")) return "dashboard";
  if (pathname.startsWith("/v1/messages")) return "anthropic";
  if (pathname.startsWith("/v1/models") && headers.has("anthropic-version")) return "anthropic";
  if (pathname.startsWith("/v1/") || pathname.startsWith("/openai/")) return "openai";
  return pathname === "/mcp" ? "mcp" : "workspace";
}

/** The error as that family's complete HTTP reply. */
export function errorResponse(family: Family, error: ApiError, requestId: string): Response {
  const headers = new Headers({ "content-type": "application/json" });
  const { retryAfter, shouldRetry, allow } = error.details;
  if (retryAfter !== undefined) headers.set("retry-after", String(Math.max(1, Math.ceil(retryAfter))));
  if (shouldRetry !== undefined) headers.set("x-should-retry", String(shouldRetry));
  if (allow !== undefined) headers.set("allow", allow.join(", "));
  if (error.kind === "authentication") headers.set("www-authenticate", 'Bearer realm="lodge"');
  if (family === "dashboard") headers.set("content-type", "application/problem+json");
  return new Response(JSON.stringify(errorBody(family, error, requestId)), { status: error.status, headers });
}

/** The error as that family's JSON body; also what a stream that has begun ends with. */
export function errorBody(family: Family, error: ApiError, requestId: string): object {
  switch (family) {
    case "openai":
      return {
        error: {
          message: error.message,
          type: openaiType[error.kind],
          param: error.details.param ?? null,
          code: error.details.code ?? null,
        },
        ...error.details.extra,
      };
    case "anthropic":
      return {
        type: "error",
        error: {
          type: anthropicType[error.kind],
          message: error.message,
          ...(error.details.reason === undefined ? {} : { details: error.details.reason }),
        },
        request_id: requestId,
        ...error.details.extra,
      };
    case "workspace":
      return { detail: error.message, ...error.details.extra };
    case "mcp":
      // No request's id: it was refused before anybody looked at what it holds.
      return { jsonrpc: "2.0", error: { code: -32_000, message: error.message }, id: null };
    case "dashboard":
      return {
        type: "about:blank",
        title: error.kind.replaceAll("_", " "),
        status: error.status,
        detail: error.message,
        ...(error.details.param === undefined ? {} : { field: error.details.param }),
      } satisfies Problem;
  }
}

/** https://docs.claude.com/en/api/errors */
const anthropicType: Record<ErrorKind, string> = {
  invalid_request: "invalid_request_error",
  unprocessable: "invalid_request_error",
  method_not_allowed: "invalid_request_error",
  conflict: "invalid_request_error",
  precondition_failed: "invalid_request_error",
  authentication: "authentication_error",
  permission: "permission_error",
  not_found: "not_found_error",
  too_large: "request_too_large",
  rate_limit: "rate_limit_error",
  internal: "api_error",
  upstream: "api_error",
  unavailable: "overloaded_error",
  timeout: "timeout_error",
  overloaded: "overloaded_error",
};

/** https://platform.openai.com/docs/guides/error-codes */
const openaiType: Record<ErrorKind, string> = {
  invalid_request: "invalid_request_error",
  unprocessable: "invalid_request_error",
  method_not_allowed: "invalid_request_error",
  conflict: "invalid_request_error",
  precondition_failed: "invalid_request_error",
  authentication: "authentication_error",
  permission: "permission_error",
  not_found: "not_found_error",
  too_large: "invalid_request_error",
  rate_limit: "rate_limit_error",
  internal: "server_error",
  upstream: "server_error",
  unavailable: "server_error",
  timeout: "timeout_error",
  overloaded: "server_error",
};
