/** From what the CLI reports of a failed call of the Messages API to the error that names it; the same for both drivers. */
import { SessionError, type SessionErrorDetails, type SessionErrorKind } from "../errors.ts";

export interface ApiFailure {
  /** The CLI's name for it, such as `rate_limit`. */
  error: string | undefined;
  /** The API's own name for it, such as `rate_limit_error`: all that there is of one that came in a stream. */
  type: string | undefined;
  status: number | undefined;
  /** In the CLI's words, for a person at a terminal. */
  text: string;
}

export function apiFailure(failure: ApiFailure, details: SessionErrorDetails = {}): SessionError {
  const kind = kindOf(failure);
  return new SessionError(kind, wordsOf(kind, failure.text), { ...details, apiStatus: failure.status });
}

function kindOf({ error = "", type = "", status = 0, text }: ApiFailure): SessionErrorKind {
  if (error === tooLong || /^prompt is too long/i.test(text)) return tooLong;
  return kindOfStatus[status] ?? kindOfType[type] ?? kindOfError[error] ?? "api_error";
}

const tooLong = "prompt_too_long";

function wordsOf(kind: SessionErrorKind, text: string): string {
  // Of these the CLI tells in words of its own, with advice for whoever sits at a terminal.
  if (kind === "prompt_too_long") {
    const [, tokens, limit] = /~?(\d+) tokens \(limit (\d+)\)/.exec(text) ?? [];
    return tokens === undefined
      ? "prompt is too long: the conversation has more tokens than the model's context holds"
      : `prompt is too long: ${tokens} tokens > ${limit} maximum`;
  }
  if (kind === "request_too_large") {
    return "The request is too large for the model's API: send less, or fewer and smaller images and documents.";
  }
  return apiWords(text) || "The CLI ended the turn with an error.";
}

/** What the API said, without what the CLI wraps around it for a person at a terminal: its advice names hosts. */
function apiWords(text: string): string {
  return text
    .replace(
      /^(?:Please run \/login · |Failed to authenticate\. )?(?:API Error: )?(?:Request rejected \(\d{3}\) · )?(?:\d{3} )?/,
      "",
    )
    .replace(/ This is a server-side issue, usually temporary.*$/s, "");
}

const kindOfStatus: Partial<Record<number, SessionErrorKind>> = {
  400: "invalid_request",
  401: "not_logged_in",
  403: "not_permitted",
  404: "model_not_found",
  413: "request_too_large",
  429: "rate_limited",
  504: "api_timeout",
  529: "overloaded",
};

const kindOfType: Partial<Record<string, SessionErrorKind>> = {
  invalid_request_error: "invalid_request",
  authentication_error: "not_logged_in",
  billing_error: "not_permitted",
  permission_error: "not_permitted",
  not_found_error: "model_not_found",
  request_too_large: "request_too_large",
  rate_limit_error: "rate_limited",
  timeout_error: "api_timeout",
  overloaded_error: "overloaded",
};

const kindOfError: Partial<Record<string, SessionErrorKind>> = {
  authentication_failed: "not_logged_in",
  cloud_credential_error: "not_logged_in",
  oauth_org_not_allowed: "not_permitted",
  account_on_hold: "not_permitted",
  verification_required: "not_permitted",
  billing_error: "not_permitted",
  rate_limit: "rate_limited",
  overloaded: "overloaded",
  invalid_request: "invalid_request",
  model_not_found: "model_not_found",
};
