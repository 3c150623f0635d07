// Keys: good for what they are for, as long as they are, and no more often or more costly than they may be.
import { describe, expect, test } from "bun:test";
import { type KeySettings, keyLimits } from "@lodge/shared";
import { openDatabase } from "../store/database.ts";
import { KeyStore } from "../store/key-store.ts";
import { requireScope } from "./caller.ts";
import { AccessError } from "./errors.ts";
import { KeyError, Keys } from "./keys.ts";

const noon = Date.UTC(2026, 10, 21, 12);

function setUp() {
  const database = openDatabase(":memory:");
  const store = new KeyStore(database);
  const clock = { now: noon };
  /** US dollars, by key, and from when they were asked for. */
  const spent = new Map<string, number>();
  const asked: number[] = [];
  const keys = new Keys({
    store,
    now: () => clock.now,
    spentSince: (owner, from) => {
      asked.push(from);
      return spent.get(owner) ?? 0;
    },
  });
  const make = (settings: Partial<KeySettings> = {}) => keys.create({ name: "ci", scopes: ["api"], ...settings });
  return { keys, store, database, clock, spent, asked, make };
}

function refusal(work: () => unknown): AccessError {
  try {
    work();
  } catch (error) {
    if (error instanceof AccessError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

test("a key opens what it is for, and is kept nowhere", () => {
  const { keys, make, database } = setUp();
  const { key, secret } = make({ scopes: ["jobs", "api"] });
  expect(secret).toMatch(/^lodge_[0-9a-f]{48}$/);
  expect(secret).toStartWith(key.prefix);
  expect(key).toMatchObject({ name: "ci", state: "active", lastUsedAt: null, workspaces: null, usdToday: 0 });
  const caller = keys.enter(secret);
  expect(caller).toMatchObject({ owner: key.id, name: "ci" });
  expect(() => requireScope(caller, ["api"])).not.toThrow();
  expect(refusal(() => requireScope(caller, ["files"])).message).toContain("`files`");
  expect(caller.owns(key.id)).toBe(true);
  expect(caller.owns(null)).toBe(false);
  const kept = JSON.stringify([database.query("SELECT * FROM keys").all(), keys.list()]);
  expect(kept).not.toContain(secret.slice("lodge_".length + 6));
});

test("a key that is unknown, expired or revoked opens nothing, and says why", () => {
  const { keys, clock, make } = setUp();
  expect(refusal(() => keys.enter("lodge_00")).message).toContain("A valid token is needed");
  const expiring = make({ expiresAt: noon + 1000 });
  keys.enter(expiring.secret);
  clock.now += 1000;
  expect(refusal(() => keys.enter(expiring.secret)).message).toBe("This key expired at 2026-11-21T12:00:01.000Z.");
  expect(keys.list()[0]).toMatchObject({ state: "expired" });
  const { key, secret } = make();
  const revoked: string[] = [];
  keys.onRevoked((id) => revoked.push(id));
  const caller = keys.enter(secret);
  keys.revoke(key.id);
  expect(revoked).toEqual([key.id]);
  for (const work of [() => keys.enter(secret), () => keys.callerOf(key.id), () => keys.enterById(key.id)]) {
    expect(refusal(work)).toMatchObject({ kind: "key_invalid", message: "This key was revoked." });
  }
  // Whoever was let in a moment before begins no turn either.
  expect(refusal(() => caller.requireFunds()).kind).toBe("key_invalid");
  expect(() => keys.revoke(key.id)).toThrow(KeyError);
  expect(() => keys.change(key.id, { name: "again" })).toThrow("for ever");
});

describe("limits", () => {
  test("of requests hold in each minute, and for each key by itself", () => {
    const { keys, clock, make } = setUp();
    const one = make({ requestsPerMinute: 2 });
    const other = make({ requestsPerMinute: 2 });
    keys.enter(one.secret);
    keys.enter(one.secret);
    expect(refusal(() => keys.enter(one.secret))).toMatchObject({ kind: "rate_reached", retryAfter: 60 });
    keys.enter(other.secret);
    clock.now += 60_000;
    keys.enter(one.secret);
  });

  test("of dollars hold until midnight in UTC", () => {
    const { keys, spent, asked, make } = setUp();
    const { key, secret } = make({ usdPerDay: 2 });
    const caller = keys.enter(secret);
    spent.set(key.id, 1.999);
    caller.requireFunds();
    expect(asked.at(-1)).toBe(Date.UTC(2026, 10, 21));
    spent.set(key.id, 2);
    const refused = refusal(() => caller.requireFunds());
    expect(refused).toMatchObject({ kind: "spend_reached", retryAfter: 12 * 3600 });
    expect(refused.message).toContain("$2 a day");
    expect(refused.message).toContain("midnight UTC");
    expect(keys.list()[0]!.usdToday).toBe(2);
  });

  test("that are changed hold at once, and what is not said stays", () => {
    const { keys, make } = setUp();
    const { key, secret } = make({ requestsPerMinute: 1, workspaces: ["a"] });
    const caller = keys.enter(secret);
    expect(keys.change(key.id, { requestsPerMinute: null, name: "new" })).toMatchObject({
      name: "new",
      requestsPerMinute: null,
      workspaces: ["a"],
    });
    keys.enter(secret);
    expect(caller.reach.includes("b")).toBe(false);
    keys.change(key.id, { workspaces: ["/b/"] });
    expect(keys.enter(secret).reach.includes("b")).toBe(true);
  });
});

test("the last use is noted, though not for each request", () => {
  const { keys, clock, make } = setUp();
  const { secret } = make();
  const seen: (number | null)[] = [];
  for (const pause of [0, 1000, 58_999, 1]) {
    clock.now += pause;
    keys.enter(secret);
    seen.push(keys.list()[0]!.lastUsedAt);
  }
  expect(seen).toEqual([noon, noon, noon, noon + 60_000]);
});

test("workspaces that make no sense are refused by name", () => {
  const { make } = setUp();
  for (const [settings, words] of [
    [{ workspaces: ["../up"] }, "workspaces: A path has no `..`"],
    [{ workspaces: ["/"] }, "name none"],
    [{ workspaces: ["a"], scopes: ["admin"] }, "admin sees all"],
  ] as [Partial<KeySettings>, string][]) {
    expect(() => make(settings)).toThrow(words);
  }
});

test("keys of one name are told apart, and there are only so many", () => {
  const { keys, store, make } = setUp();
  const [one, other] = [make(), make()];
  expect(keys.nameOf(one.key.id)).toBe(`ci (${one.key.prefix}…)`);
  expect(keys.nameOf(other.key.id)).not.toBe(keys.nameOf(one.key.id));
  expect(keys.nameOf(make({ name: "lone" }).key.id)).toBe("lone");
  expect(keys.nameOf("key_gone")).toBe("a forgotten key");
  while (store.count() < keyLimits.keys) make();
  expect(() => make()).toThrow("Revoke those");
  keys.revoke(one.key.id);
  make();
});
