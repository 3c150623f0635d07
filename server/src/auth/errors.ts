/** Why somebody may not do something, by name. How it looks over HTTP: http/access-errors.ts. */

export type AccessErrorKind =
  /** No key of this server, or not any more. */
  | "key_invalid"
  | "scope_missing"
  /** Of a workspace that the key is not for. */
  | "workspace_foreign"
  /** Of another key. */
  | "owner_foreign"
  /** As many requests as may be in a minute. */
  | "rate_reached"
  /** As many dollars as may be in a day. */
  | "spend_reached";

/** The message reads well to whoever sent the request and holds no secrets. */
export class AccessError extends Error {
  override readonly name = "AccessError";

  /** @param retryAfter seconds after which trying again makes sense */
  constructor(
    readonly kind: AccessErrorKind,
    message: string,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** It was shown nothing, or something that is none of this server's keys. */
export const unknownKey = (): AccessError =>
  new AccessError(
    "key_invalid",
    "A valid token is needed: as `Authorization: Bearer <token>` or as `x-api-key`. The server prints its own in its ready line; keys are made in the dashboard's settings.",
  );
