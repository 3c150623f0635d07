/**
 * What can go wrong over HTTP, said once: a kind, a message for a person, and hints for a client. How a kind looks on
 * the wire is the business of each family (families.ts).
 */

export type ErrorKind =
  | "invalid_request"
  | "authentication"
  | "permission"
  | "not_found"
  | "method_not_allowed"
  | "conflict"
  | "precondition_failed"
  | "too_large"
  | "unprocessable"
  | "rate_limit"
  | "internal"
  | "upstream"
  | "unavailable"
  | "timeout"
  | "overloaded";

export const statusOf: Record<ErrorKind, number> = {
  invalid_request: 400,
  authentication: 401,
  permission: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unprocessable: 422,
  rate_limit: 429,
  internal: 500,
  upstream: 502,
  unavailable: 503,
  timeout: 504,
  overloaded: 529,
};

export interface ApiErrorDetails {
  /** The field of the request that is wrong, as a path: `messages.0.role`. */
  param?: string | undefined;
  /** A stable word for programs, where a family has a place for one. */
  code?: string | undefined;
  /** Seconds after which trying again makes sense; sent as `retry-after`. */
  retryAfter?: number | undefined;
  /** False where trying again cannot help although the status suggests it; sent as `x-should-retry`. */
  shouldRetry?: boolean | undefined;
  /** Methods that the address answers to; sent as `allow`. */
  allow?: readonly string[] | undefined;
  /** More members of the error body, for the one family that promises them. */
  extra?: Record<string, unknown> | undefined;
  /** What a client of the Messages API finds in `error.details`. */
  reason?: Record<string, unknown> | undefined;
  cause?: unknown;
}

/** An expected failure on its way to a client. The message is shown to them: no secrets, no paths of the host. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly details: ApiErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.status = statusOf[kind];
  }
}
