/** Recordings of terminals as they are kept: which there are, whose, and how large. What is in them lies in files. */
import type { Database } from "bun:sqlite";

export interface RecordingRecord {
  id: string;
  sessionId: string;
  driver: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Null while it goes on. */
  endedAt: number | null;
  durationMs: number;
  bytes: number;
  cols: number;
  rows: number;
  hasInput: boolean;
  isCut: boolean;
  /** Why it ends before its terminal did. */
  fault: string | null;
}

type Row = Omit<RecordingRecord, "hasInput" | "isCut"> & { hasInput: number; isCut: number };

const columns = `id, session_id AS sessionId, driver, started_at AS startedAt, ended_at AS endedAt, duration_ms AS durationMs,
  bytes, cols, rows, has_input AS hasInput, is_cut AS isCut, fault`;

const fromRow = ({ hasInput, isCut, ...row }: Row): RecordingRecord => ({
  ...row,
  hasInput: hasInput === 1,
  isCut: isCut === 1,
});

export class RecordingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(record: RecordingRecord): void {
    this.#database
      .query(
        `INSERT OR REPLACE INTO recordings
         (id, session_id, driver, started_at, ended_at, duration_ms, bytes, cols, rows, has_input, is_cut, fault)
         VALUES ($id, $sessionId, $driver, $startedAt, $endedAt, $durationMs, $bytes, $cols, $rows, $hasInput, $isCut, $fault)`,
      )
      .run({ ...record, hasInput: record.hasInput ? 1 : 0, isCut: record.isCut ? 1 : 0 });
  }

  get(id: string): RecordingRecord | null {
    const row = this.#database.query<Row, [string]>(`SELECT ${columns} FROM recordings WHERE id = ?`).get(id);
    return row && fromRow(row);
  }

  /** The latest first, of one session or of all. */
  list(sessionId: string | null, limit: number): RecordingRecord[] {
    return this.#database
      .query<Row, [string | null, string | null, number]>(
        `SELECT ${columns} FROM recordings WHERE ? IS NULL OR session_id = ? ORDER BY started_at DESC, id LIMIT ?`,
      )
      .all(sessionId, sessionId, limit)
      .map(fromRow);
  }

  /** Those without an end. */
  unfinished(): RecordingRecord[] {
    return this.#database.query<Row, []>(`SELECT ${columns} FROM recordings WHERE ended_at IS NULL`).all().map(fromRow);
  }

  /** Those that are over, the oldest first. */
  oldest(limit: number): RecordingRecord[] {
    return this.#database
      .query<Row, [number]>(
        `SELECT ${columns} FROM recordings WHERE ended_at IS NOT NULL ORDER BY ended_at, id LIMIT ?`,
      )
      .all(limit)
      .map(fromRow);
  }

  /** How many are over, and their bytes together. */
  ended(): { count: number; bytes: number } {
    return (
      this.#database
        .query<{ count: number; bytes: number }, []>(
          "SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM recordings WHERE ended_at IS NOT NULL",
        )
        .get() ?? { count: 0, bytes: 0 }
    );
  }

  remove(id: string): void {
    this.#database.query("DELETE FROM recordings WHERE id = ?").run(id);
  }
}
