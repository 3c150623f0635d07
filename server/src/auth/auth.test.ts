// Tokens in every place that clients put them, and cookies that cannot be made, changed or kept too long.
import { describe, expect, test } from "bun:test";
import { createAuth, sessionCookie, sessionCookieSeconds } from "./auth.ts";

const token = "the-right-token";
const withHeaders = (headers: Record<string, string>): Headers => new Headers(headers);

describe("the token", () => {
  const auth = createAuth(token);
  test.each<Record<string, string>>([
    { authorization: `Bearer ${token}` },
    { authorization: `bearer ${token}` },
    { authorization: `Bearer   ${token} ` },
    { "x-api-key": token },
    // Newer clients of the Messages API send both.
    { authorization: `Bearer ${token}`, "x-api-key": "something else" },
  ])("is found in %j", (headers) => {
    expect(auth.hasToken(withHeaders(headers))).toBe(true);
  });
  test.each<Record<string, string>>([
    {},
    { authorization: "" },
    { authorization: token },
    { authorization: "Bearer" },
    { authorization: `Basic ${btoa(`user:${token}`)}` },
    { authorization: `Bearer ${token}x` },
    { authorization: `Bearer ${token.slice(0, -1)}` },
    { authorization: `Bearer ${token.toUpperCase()}` },
    { "x-api-key": "" },
    { cookie: `${sessionCookie}=${token}` },
  ])("is not in %j", (headers) => {
    expect(auth.hasToken(withHeaders(headers))).toBe(false);
  });
});

describe("the cookie", () => {
  let now = 1_000_000;
  const auth = createAuth(token, () => now);
  const cookieOf = (value: string, others = ""): Headers =>
    withHeaders({ cookie: `${others}${sessionCookie}=${value}` });

  test("is given for the token alone", () => {
    expect(auth.login(token)).toBeString();
    expect(auth.login("wrong")).toBeNull();
    expect(auth.login("")).toBeNull();
    expect(auth.login(token)).not.toContain(token);
  });

  test("is good beside others, until its time is over", () => {
    const value = auth.login(token)!;
    expect(auth.hasCookie(cookieOf(value))).toBe(true);
    expect(auth.hasCookie(cookieOf(value, "theme=dark; a=b=c; "))).toBe(true);
    now += sessionCookieSeconds * 1000 - 1;
    expect(auth.hasCookie(cookieOf(value))).toBe(true);
    now += 1;
    expect(auth.hasCookie(cookieOf(value))).toBe(false);
  });

  test("cannot be changed or made up", () => {
    const [expires, signature] = auth.login(token)!.split(".") as [string, string];
    const forged = ["", ".", expires, `${expires}.`, `.${signature}`, `${Number(expires) + 1}.${signature}`];
    for (const value of [...forged, `${expires}.${signature}x`, token]) {
      expect(auth.hasCookie(cookieOf(value))).toBe(false);
    }
  });

  test("of another token is worth nothing", () => {
    const other = createAuth("another-token", () => now).login("another-token")!;
    expect(auth.hasCookie(cookieOf(other))).toBe(false);
  });

  test("of another name is not ours", () => {
    const headers = withHeaders({ cookie: `x${sessionCookie}=${auth.login(token)}` });
    expect(auth.hasCookie(headers)).toBe(false);
  });
});
