// Tokens in every place that clients put them, and cookies that cannot be made, changed or kept too long.
import { describe, expect, test } from "bun:test";
import { createAuth, sessionCookie, sessionCookieSeconds } from "./auth.ts";
import { type Caller, root } from "./caller.ts";
import { unknownKey } from "./errors.ts";

const token = "the-right-token";
const withHeaders = (headers: Record<string, string>): Headers => new Headers(headers);

/** Two keys: one for the dashboard, one for everything else. */
const callers = new Map<string, Caller>([
  ["admins-key", { ...root, owner: "key_admin", name: "admin" }],
  ["clients-key", { ...root, owner: "key_client", name: "client", may: (scopes) => !scopes.includes("admin") }],
]);
const revoked = new Set<string>();

const enter = (found: Caller | undefined): Caller => {
  if (!found || revoked.has(found.name)) throw unknownKey();
  return found;
};
const keys = {
  enter: (secret: string) => enter(callers.get(secret)),
  enterById: (id: string) => enter([...callers.values()].find(({ owner }) => owner === id)),
};

describe("the token", () => {
  const auth = createAuth({ token, keys });
  test.each<Record<string, string>>([
    { authorization: `Bearer ${token}` },
    { authorization: `bearer ${token}` },
    { authorization: `Bearer   ${token} ` },
    { "x-api-key": token },
    // Newer clients of the Messages API send both.
    { authorization: `Bearer ${token}`, "x-api-key": "something else" },
  ])("is found in %j", (headers) => {
    expect(auth.byHeaders(withHeaders(headers))).toBe(root);
  });
  test.each<Record<string, string>>([
    {},
    { authorization: "" },
    { authorization: token },
    { authorization: "Bearer" },
    { authorization: `Basic ${btoa(`user:${token}`)}` },
    { cookie: `${sessionCookie}=${token}` },
  ])("is not in %j", (headers) => {
    expect(auth.byHeaders(withHeaders(headers))).toBeNull();
  });
  test.each<Record<string, string>>([
    { authorization: `Bearer ${token}x` },
    { authorization: `Bearer ${token.slice(0, -1)}` },
    { authorization: `Bearer ${token.toUpperCase()}` },
    { "x-api-key": "" },
  ])("is not what is in %j, which is nothing else either", (headers) => {
    expect(() => auth.byHeaders(withHeaders(headers))).toThrow("A valid token is needed");
  });
  test("gives way to keys", () => {
    expect(auth.byHeaders(withHeaders({ "x-api-key": "clients-key" }))?.name).toBe("client");
  });
});

describe("the cookie", () => {
  let now = 1_000_000;
  const auth = createAuth({ token, keys, now: () => now });
  const cookieOf = (value: string, others = ""): Headers =>
    withHeaders({ cookie: `${others}${sessionCookie}=${value}` });
  const login = (secret: string): string => auth.login(secret).cookie;

  test("is given for the token, and for a key that the dashboard is for", () => {
    expect(login(token)).not.toContain(token);
    expect(login("admins-key")).not.toContain("admins-key");
    expect(() => login("wrong")).toThrow("A valid token is needed");
    expect(() => login("")).toThrow("A valid token is needed");
    expect(() => login("clients-key")).toThrow("scope `admin`");
  });

  test("is good beside others, until its time is over", () => {
    const value = login(token);
    expect(auth.byCookie(cookieOf(value))).toBe(root);
    expect(auth.byCookie(cookieOf(value, "theme=dark; a=b=c; "))).toBe(root);
    now += sessionCookieSeconds * 1000 - 1;
    expect(auth.byCookie(cookieOf(value))).toBe(root);
    now += 1;
    expect(auth.byCookie(cookieOf(value))).toBeNull();
  });

  test("of a key is good as long as the key is", () => {
    const value = login("admins-key");
    expect(auth.byCookie(cookieOf(value))?.owner).toBe("key_admin");
    revoked.add("admin");
    expect(() => auth.byCookie(cookieOf(value))).toThrow();
    revoked.clear();
  });

  test("cannot be changed or made up", () => {
    const [expires, signature] = login(token).split(".") as [string, string];
    const forged = ["", ".", expires, `${expires}.`, `.${signature}`, `${Number(expires) + 1}.${signature}`];
    const [ofKey, id, keySignature] = login("admins-key").split(".") as [string, string, string];
    forged.push(`${ofKey}.${keySignature}`, `${ofKey}.key_client.${keySignature}`, `${expires}.${id}.${signature}`);
    for (const value of [...forged, `${expires}.${signature}x`, token]) {
      expect(auth.byCookie(cookieOf(value))).toBeNull();
    }
  });

  test("of another token is worth nothing", () => {
    const other = createAuth({ token: "another-token", keys, now: () => now }).login("another-token").cookie;
    expect(auth.byCookie(cookieOf(other))).toBeNull();
  });

  test("of another name is not ours", () => {
    const headers = withHeaders({ cookie: `x${sessionCookie}=${login(token)}` });
    expect(auth.byCookie(headers)).toBeNull();
  });
});
