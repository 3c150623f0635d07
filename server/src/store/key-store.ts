/** API keys as they are kept: never the key itself, only what knows it again. */
import type { Database, SQLQueryBindings } from "bun:sqlite";

export interface KeyRecord {
  id: string;
  /** SHA-256 of the key, in hexadecimal. */
  hash: string;
  prefix: string;
  name: string;
  scopes: string[];
  /** Paths below the workspaces root; null for all. */
  workspaces: string[] | null;
  requestsPerMinute: number | null;
  /** US dollars in a day of UTC. */
  usdPerDay: number | null;
  /** Milliseconds since the epoch, as every time here. */
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

type Row = Omit<KeyRecord, "scopes" | "workspaces"> & { scopes: string; workspaces: string | null };

const columns = `id, hash, prefix, name, scopes, workspaces, requests_per_minute AS requestsPerMinute,
  usd_per_day AS usdPerDay, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt,
  last_used_at AS lastUsedAt`;

/** Revoked keys that are kept, for the names of what was done with them. */
const maxRevoked = 5000;

export class KeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(record: KeyRecord): void {
    this.#database
      .query(
        `INSERT INTO keys (id, hash, prefix, name, scopes, workspaces, requests_per_minute, usd_per_day, created_at,
           expires_at, revoked_at, last_used_at)
         VALUES ($id, $hash, $prefix, $name, $scopes, $workspaces, $requestsPerMinute, $usdPerDay, $createdAt,
           $expiresAt, $revokedAt, $lastUsedAt)`,
      )
      .run(bindings(record));
  }

  /** What can be set of a key, and when it was revoked. */
  save(record: KeyRecord): void {
    const { id, name, scopes, workspaces, requestsPerMinute, usdPerDay, expiresAt, revokedAt } = bindings(record);
    this.#database
      .query(
        `UPDATE keys SET name = $name, scopes = $scopes, workspaces = $workspaces,
           requests_per_minute = $requestsPerMinute, usd_per_day = $usdPerDay, expires_at = $expiresAt,
           revoked_at = $revokedAt WHERE id = $id`,
      )
      .run({ id, name, scopes, workspaces, requestsPerMinute, usdPerDay, expiresAt, revokedAt });
  }

  setUsed(id: string, at: number): void {
    this.#database.query("UPDATE keys SET last_used_at = ? WHERE id = ?").run(at, id);
  }

  get(id: string): KeyRecord | null {
    return record(this.#database.query<Row, [string]>(`SELECT ${columns} FROM keys WHERE id = ?`).get(id));
  }

  byHash(hash: string): KeyRecord | null {
    return record(this.#database.query<Row, [string]>(`SELECT ${columns} FROM keys WHERE hash = ?`).get(hash));
  }

  /** Those in use first, the newest first. */
  list(): KeyRecord[] {
    return this.#database
      .query<Row, []>(`SELECT ${columns} FROM keys ORDER BY revoked_at IS NOT NULL, created_at DESC, id DESC`)
      .all()
      .map((row) => record(row) as KeyRecord);
  }

  /** How many are not revoked. */
  count(): number {
    const sql = "SELECT count(*) AS n FROM keys WHERE revoked_at IS NULL";
    return this.#database.query<{ n: number }, []>(sql).get()?.n ?? 0;
  }

  /** How many ever had this name. */
  countNamed(name: string): number {
    const sql = "SELECT count(*) AS n FROM keys WHERE name = ?";
    return this.#database.query<{ n: number }, [string]>(sql).get(name)?.n ?? 0;
  }

  /** Forgets the keys that were revoked first. */
  forget(): void {
    this.#database
      .query(
        `DELETE FROM keys WHERE id IN (
           SELECT id FROM keys WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC LIMIT -1 OFFSET ?)`,
      )
      .run(maxRevoked);
  }
}

const bindings = ({ scopes, workspaces, ...rest }: KeyRecord) =>
  ({
    ...rest,
    scopes: JSON.stringify(scopes),
    workspaces: workspaces === null ? null : JSON.stringify(workspaces),
  }) satisfies Record<string, SQLQueryBindings>;

const record = (row: Row | null): KeyRecord | null =>
  row && {
    ...row,
    scopes: JSON.parse(row.scopes) as string[],
    workspaces: row.workspaces === null ? null : (JSON.parse(row.workspaces) as string[]),
  };
