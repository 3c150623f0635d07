/** API keys: made, changed, revoked, known again, and held to their limits. */
import type { CreatedKey, KeyChange, KeyScope, KeySummary, NewKey } from "@lodge/shared";
import { keyLimits } from "@lodge/shared";
import type { KeyRecord, KeyStore } from "../store/key-store.ts";
import { WorkspaceError } from "../workspaces/errors.ts";
import type { Caller } from "./caller.ts";
import { AccessError, unknownKey } from "./errors.ts";
import { hashOf, makeKey, prefixOf } from "./key.ts";
import { normalPath, Reach } from "./reach.ts";
import { RequestRate } from "./request-rate.ts";

export interface KeysParts {
  store: KeyStore;
  /** US dollars that an owner's turns have cost since a time. */
  spentSince: (owner: string, at: number) => number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** Milliseconds between two notes of when a key was used: not one for each request. */
const usedEvery = 60_000;
const dayMs = 24 * 3_600_000;

/** What is wrong with the settings of a key. */
export class KeyError extends Error {
  override readonly name = "KeyError";

  constructor(
    readonly kind: "unknown" | "revoked" | "invalid" | "too_many",
    message: string,
    /** The setting that is wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** What is known of a key in use, beyond its record. One for each key at most, and so bounded as keys are. */
interface Use {
  rate: RequestRate;
  /** When its last use was noted. */
  notedAt: number;
}

export class Keys {
  readonly #store: KeyStore;
  readonly #spentSince: KeysParts["spentSince"];
  readonly #now: () => number;
  readonly #uses = new Map<string, Use>();
  readonly #listeners = new Set<(id: string) => void>();

  constructor({ store, spentSince, now = Date.now }: KeysParts) {
    this.#store = store;
    this.#spentSince = spentSince;
    this.#now = now;
  }

  /** @throws KeyError `invalid`, `too_many` */
  create(asked: NewKey): CreatedKey {
    if (this.#store.count() >= keyLimits.keys) {
      throw new KeyError("too_many", `There are ${keyLimits.keys} keys already. Revoke those that nobody uses.`);
    }
    const secret = makeKey();
    const record: KeyRecord = this.#checked({
      id: `key_${crypto.randomUUID().replaceAll("-", "")}`,
      hash: hashOf(secret),
      prefix: prefixOf(secret),
      name: asked.name,
      scopes: asked.scopes,
      workspaces: asked.workspaces ?? null,
      requestsPerMinute: asked.requestsPerMinute ?? null,
      usdPerDay: asked.usdPerDay ?? null,
      createdAt: this.#now(),
      expiresAt: asked.expiresAt ?? null,
      revokedAt: null,
      lastUsedAt: null,
    });
    this.#store.add(record);
    return { key: this.#summary(record), secret };
  }

  /** Those in use first. */
  list(): KeySummary[] {
    return this.#store.list().map((record) => this.#summary(record));
  }

  /** @throws KeyError `unknown`, `revoked`, `invalid` */
  change(id: string, change: KeyChange): KeySummary {
    const before = this.#active(id);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const record = this.#checked({ ...before, ...(given as Partial<KeyRecord>) });
    this.#store.save(record);
    return this.#summary(record);
  }

  /** For ever. @throws KeyError `unknown`, `revoked` */
  revoke(id: string): KeySummary {
    const record = { ...this.#active(id), revokedAt: this.#now() };
    this.#store.save(record);
    this.#store.forget();
    this.#uses.delete(id);
    for (const listener of this.#listeners) listener(id);
    return this.#summary(record);
  }

  /** Tells of each key that is revoked, so that what is open with it can be closed; the return value ends that. */
  onRevoked(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What to call the key of that id; keys of one name are told apart. */
  nameOf(id: string): string {
    const record = this.#store.get(id);
    if (!record) return "a forgotten key";
    return this.#store.countNamed(record.name) > 1 ? `${record.name} (${record.prefix}…)` : record.name;
  }

  /**
   * Takes one request of whoever has this key.
   *
   * @throws AccessError `key_invalid`, which says whether it is unknown, revoked or expired; `rate_reached`
   */
  enter(secret: string): Caller {
    return this.#enter(this.#store.byHash(hashOf(secret)));
  }

  /** The same for who is logged in with the key of that id. */
  enterById(id: string): Caller {
    return this.#enter(this.#store.get(id));
  }

  /** Whoever has the key of that id, as it is now, without taking a request. @throws AccessError `key_invalid` */
  callerOf(id: string): Caller {
    return this.#caller(this.#requireGood(this.#store.get(id)));
  }

  #enter(found: KeyRecord | null): Caller {
    const record = this.#requireGood(found);
    this.#take(record);
    return this.#caller(record);
  }

  #take({ id, requestsPerMinute: limit }: KeyRecord): void {
    const now = this.#now();
    const use = this.#uses.get(id) ?? { rate: new RequestRate(), notedAt: 0 };
    this.#uses.set(id, use);
    const wait = use.rate.take(limit ?? Number.POSITIVE_INFINITY, now);
    if (wait > 0) {
      throw new AccessError(
        "rate_reached",
        `This key may send ${limit} requests a minute, and has. Try again in ${wait} s.`,
        wait,
      );
    }
    if (now - use.notedAt < usedEvery) return;
    use.notedAt = now;
    this.#store.setUsed(id, now);
  }

  #caller({ id, name, scopes, workspaces }: KeyRecord): Caller {
    return {
      owner: id,
      name,
      reach: new Reach(workspaces),
      may: (wanted) => wanted.some((scope) => scopes.includes(scope)),
      owns: (owner) => owner === id,
      requireFunds: () => this.#requireFunds(this.#requireGood(this.#store.get(id))),
    };
  }

  #requireGood(record: KeyRecord | null): KeyRecord {
    if (!record) throw unknownKey();
    if (record.revokedAt !== null) throw new AccessError("key_invalid", "This key was revoked.");
    if (record.expiresAt !== null && record.expiresAt <= this.#now()) {
      throw new AccessError("key_invalid", `This key expired at ${new Date(record.expiresAt).toISOString()}.`);
    }
    return record;
  }

  /** A turn costs what it costs when it is over: those under way together may go over the limit, none begins after. */
  #requireFunds({ id, usdPerDay }: KeyRecord): void {
    if (usdPerDay === null) return;
    const midnight = startOfDay(this.#now()) + dayMs;
    const spent = this.#spentToday(id);
    if (spent < usdPerDay) return;
    throw new AccessError(
      "spend_reached",
      `This key may spend $${usdPerDay} a day, and has spent $${spent.toFixed(4)} today. It may go on at midnight UTC.`,
      Math.ceil((midnight - this.#now()) / 1000),
    );
  }

  #spentToday(id: string): number {
    return this.#spentSince(id, startOfDay(this.#now()));
  }

  /** One that can still be changed. */
  #active(id: string): KeyRecord {
    const record = this.#store.get(id);
    if (!record) throw new KeyError("unknown", "There is no key with that id.");
    if (record.revokedAt !== null) throw new KeyError("revoked", "That key was revoked, which is for ever.");
    return record;
  }

  #checked(record: KeyRecord): KeyRecord {
    if (record.workspaces === null) return record;
    if (record.scopes.includes("admin")) {
      throw new KeyError(
        "invalid",
        "workspaces: a key with the scope admin sees all of them; limit one without it.",
        "workspaces",
      );
    }
    return { ...record, workspaces: [...new Set(record.workspaces.map(workspaceName))] };
  }

  #summary({ hash: _hash, scopes, ...record }: KeyRecord): KeySummary {
    const expired = record.expiresAt !== null && record.expiresAt <= this.#now();
    return {
      ...record,
      scopes: scopes as KeyScope[],
      state: record.revokedAt !== null ? "revoked" : expired ? "expired" : "active",
      usdToday: this.#spentToday(record.id),
    };
  }
}

function workspaceName(path: string): string {
  let name: string;
  try {
    name = normalPath(path);
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    throw new KeyError("invalid", `workspaces: ${error.message}`, "workspaces");
  }
  if (name !== "") return name;
  throw new KeyError("invalid", "workspaces: for the whole workspaces root, name none.", "workspaces");
}

/** In UTC. */
const startOfDay = (at: number): number => Math.floor(at / dayMs) * dayMs;
