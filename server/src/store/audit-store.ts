/**
 * Who did what: at the terminals, to sessions, files and keys. Kept for whoever has to find out later. Nothing of what was
 * typed, only how much.
 */
import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { AuditAction, AuditEntry } from "@lodge/shared";

export interface AuditFilter {
  sessionId?: string | undefined;
  /** A part of the name or address. */
  who?: string | undefined;
  actions?: readonly AuditAction[] | undefined;
  /** Those before this one, which was the last of the page before. */
  before?: number | undefined;
  limit: number;
}

/** Entries kept in all; the oldest go first. */
const maxEntries = 100_000;
/** How many entries are added before the oldest are looked for. */
const pruneEvery = 1000;

export class AuditStore {
  readonly #database: Database;
  #untilPrune = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  add(entry: Omit<AuditEntry, "id">): void {
    this.#database
      .query(
        "INSERT INTO audit (session_id, at, who, action, bytes, detail) VALUES ($sessionId, $at, $who, $action, $bytes, $detail)",
      )
      .run({ ...entry });
    if (this.#untilPrune-- > 0) return;
    this.#untilPrune = pruneEvery;
    this.#database.query("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?").run(maxEntries);
  }

  /** The latest first. */
  list({ sessionId, who, actions, before, limit }: AuditFilter): AuditEntry[] {
    const conditions: [string, SQLQueryBindings][] = [];
    if (sessionId !== undefined) conditions.push(["session_id = ?", sessionId]);
    if (who !== undefined) conditions.push(["instr(lower(who), lower(?)) > 0", who]);
    if (actions !== undefined) conditions.push(["action IN (SELECT value FROM json_each(?))", JSON.stringify(actions)]);
    if (before !== undefined) conditions.push(["id < ?", before]);
    const where = conditions.map(([sql]) => sql).join(" AND ") || "1";
    return this.#database
      .query<AuditEntry, SQLQueryBindings[]>(
        `SELECT id, session_id AS sessionId, at, who, action, bytes, detail FROM audit
         WHERE ${where} ORDER BY id DESC LIMIT ?`,
      )
      .all(...conditions.map(([, value]) => value), limit);
  }
}
