/**
 * Who may come in. The server's own token opens everything, an API key what it is for; a browser trades either once for a
 * cookie that scripts cannot read.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Caller, requireScope, root } from "./caller.ts";
import type { Keys } from "./keys.ts";

/** Name of the dashboard's cookie. */
export const sessionCookie = "lodge_session";
/** Seconds for which a browser stays logged in. */
export const sessionCookieSeconds = 30 * 24 * 3600;

export interface Auth {
  /**
   * Who carries a token or key: `Authorization: Bearer`, or `x-api-key` as Anthropic's clients send it. Null for none.
   *
   * @throws AccessError `key_invalid`, `rate_reached`
   */
  byHeaders(headers: Headers): Caller | null;
  /** Whose token or key this is, however it came. @throws AccessError as above */
  bySecret(secret: string): Caller;
  /**
   * Who carries a cookie that `login` made with the present token and that has not run out. Null for none.
   *
   * @throws AccessError as above, for the key that it was made for
   */
  byCookie(headers: Headers): Caller | null;
  /**
   * The cookie's value for a browser that knows the token, or a key for the dashboard.
   *
   * @throws AccessError `key_invalid`, `rate_reached`, `scope_missing`
   */
  login(secret: string): { cookie: string; caller: Caller };
}

export interface AuthParts {
  token: string;
  keys: Pick<Keys, "enter" | "enterById">;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export function createAuth({ token, keys, now = Date.now }: AuthParts): Auth {
  // Made from the token, so that a new token logs every browser out and nothing has to be stored.
  const cookieKey = createHash("sha256").update(`lodge dashboard cookie\0${token}`).digest();
  const sign = (text: string) => createHmac("sha256", cookieKey).update(text).digest("base64url");

  const bySecret = (secret: string): Caller => (sameSecret(secret, token) ? root : keys.enter(secret));

  return {
    bySecret,
    byHeaders(headers) {
      const secret = bearer(headers) ?? headers.get("x-api-key");
      return secret === null ? null : bySecret(secret);
    },
    byCookie(headers) {
      const value = cookie(headers, sessionCookie) ?? "";
      const end = value.lastIndexOf(".");
      const signed = value.slice(0, Math.max(end, 0));
      if (!sameSecret(value.slice(end + 1), sign(signed))) return null;
      const [expires, owner] = signed.split(".");
      if (!(Number(expires) > now())) return null;
      return owner === undefined ? root : keys.enterById(owner);
    },
    login(secret) {
      const caller = bySecret(secret);
      requireScope(caller, ["admin"]);
      const expires = String(now() + sessionCookieSeconds * 1000);
      const signed = caller.owner === null ? expires : `${expires}.${caller.owner}`;
      return { cookie: `${signed}.${sign(signed)}`, caller };
    },
  };
}

/** Compares in a time that tells nothing of where two secrets differ, nor of their length. */
function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function bearer(headers: Headers): string | null {
  const match = /^bearer +(.+)$/i.exec(headers.get("authorization") ?? "");
  return match?.[1]?.trim() ?? null;
}

function cookie(headers: Headers, name: string): string | null {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return null;
}
