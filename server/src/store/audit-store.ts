/** Who did what at the terminals: kept for whoever has to find out later. Nothing of what was typed, only how much. */
import type { Database } from "bun:sqlite";

export const auditActions = ["attached", "left", "took_control", "gave_up_control", "typed", "answered"] as const;
export type AuditAction = (typeof auditActions)[number];

export interface AuditEntry {
  sessionId: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** Name or address of who it was; null where that is not known. */
  who: string | null;
  action: AuditAction;
  /** Bytes that were typed since the entry before; null for other actions. */
  bytes: number | null;
  /** The option that was chosen, for an answer. */
  detail: string | null;
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

  add(entry: AuditEntry): void {
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
  list(sessionId: string, limit: number): AuditEntry[] {
    return this.#database
      .query<AuditEntry, [string, number]>(
        `SELECT session_id AS sessionId, at, who, action, bytes, detail FROM audit
         WHERE session_id = ? ORDER BY id DESC LIMIT ?`,
      )
      .all(sessionId, limit);
  }
}
