/** How a refusal looks to a client of whichever family. */
import type { AccessError, AccessErrorKind } from "../auth/errors.ts";
import { ApiError, type ErrorKind } from "./errors.ts";

const kinds: Record<AccessErrorKind, ErrorKind> = {
  key_invalid: "authentication",
  scope_missing: "permission",
  workspace_foreign: "permission",
  owner_foreign: "permission",
  rate_reached: "rate_limit",
  spend_reached: "rate_limit",
};

/** Words that OpenAI's clients know, where there are some. */
const codes: Partial<Record<AccessErrorKind, string>> = {
  key_invalid: "invalid_api_key",
  rate_reached: "rate_limit_exceeded",
  spend_reached: "insufficient_quota",
};

/** @param param the field that held the key, where it came in one */
export const fromAccessError = (error: AccessError, param?: string): ApiError =>
  new ApiError(kinds[error.kind], error.message, {
    param,
    code: codes[error.kind] ?? error.kind,
    retryAfter: error.retryAfter,
    // A minute passes while a client waits; a day does not.
    ...(error.kind === "rate_reached" ? {} : { shouldRetry: false }),
    cause: error,
  });
