/** From what the CLI reports of a failed call of the Messages API to the error that names it; the same for both drivers. */
import { SessionError, type SessionErrorDetails, type SessionErrorKind } from "../errors.ts";

export interface ApiFailure {
  /** The CLI's name for it, such as `rate_limit`. */
  error: string | undefined;
  status: number | undefined;
  /** In the CLI's words, for a person at a terminal. */
  text: string;
}

export function apiFailure({ error, status, text }: ApiFailure, details: SessionErrorDetails = {}): SessionError {
  const kind = /^prompt is too long/i.test(text)
    ? "prompt_too_long"
    : ((status === undefined ? undefined : kindOfStatus[status]) ?? kindOfError[error ?? ""] ?? "api_error");
  return new SessionError(kind, apiWords(text) || "The CLI ended the turn with an error.", {
    ...details,
    apiStatus: status,
  });
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

const kindOfStatus: Record<number, SessionErrorKind> = {
  400: "invalid_request",
  401: "not_logged_in",
  403: "not_permitted",
  404: "model_not_found",
  413: "prompt_too_long",
  429: "rate_limited",
  529: "overloaded",
};

const kindOfError: Record<string, SessionErrorKind> = {
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
