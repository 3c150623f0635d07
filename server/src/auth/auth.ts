/**
 * Who may come in. One token opens everything; a browser trades it once for a cookie that scripts cannot read.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Name of the dashboard's cookie. */
export const sessionCookie = "lodge_session";
/** Seconds for which a browser stays logged in. */
export const sessionCookieSeconds = 30 * 24 * 3600;

export interface Auth {
  /** Whether the request carries the token: `Authorization: Bearer`, or `x-api-key` as Anthropic's clients send it. */
  hasToken(headers: Headers): boolean;
  /** Whether this is the token, however it came. */
  isToken(given: string): boolean;
  /** Whether the request carries a cookie that `login` made with the present token and that has not run out. */
  hasCookie(headers: Headers): boolean;
  /** The cookie's value for a browser that knows the token; null when it does not. */
  login(token: string): string | null;
}

/** @param now milliseconds since the epoch */
export function createAuth(token: string, now: () => number = Date.now): Auth {
  // Made from the token, so that a new token logs every browser out and nothing has to be stored.
  const key = createHash("sha256").update(`lodge dashboard cookie\0${token}`).digest();
  const sign = (expires: string) => createHmac("sha256", key).update(expires).digest("base64url");

  return {
    hasToken(headers) {
      const given = bearer(headers) ?? headers.get("x-api-key");
      return given !== null && sameSecret(given, token);
    },
    isToken: (given) => sameSecret(given, token),
    hasCookie(headers) {
      const value = cookie(headers, sessionCookie);
      const [expires, signature] = value?.split(".") ?? [];
      if (expires === undefined || signature === undefined) return false;
      return sameSecret(signature, sign(expires)) && Number(expires) > now();
    },
    login(given) {
      if (!sameSecret(given, token)) return null;
      const expires = String(now() + sessionCookieSeconds * 1000);
      return `${expires}.${sign(expires)}`;
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
