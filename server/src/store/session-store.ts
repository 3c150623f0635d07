/** What is kept of sessions beyond their processes: enough to find, list and resume every one that ever was. */
import type { Database } from "bun:sqlite";

export interface SessionRecord {
  id: string;
  cwd: string;
  driver: string;
  mode: string;
  model: string;
  title: string;
  lastWords: string;
  source: string | null;
  turns: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
  startedAt: number;
  lastActiveAt: number;
  tip: string | null;
}

export interface TurnRecord {
  sessionId: string;
  at: number;
  model: string;
  /** How the session was come by; `background` for a turn that the CLI began by itself. */
  source: string;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheCreationTokens: number;
  costUsd: number;
  durationMs: number;
}

/** A place in a transcript at which a conversation had a certain fingerprint. */
export interface TranscriptPoint {
  sessionId: string;
  cwd: string;
  message: string;
  /** Whether nothing came after it in that transcript. */
  isTip: boolean;
}

const columns = `id, cwd, driver, mode, model, title, last_words AS lastWords, source, turns, input_tokens AS inputTokens,
  output_tokens AS outputTokens, cost_usd AS costUsd, started_at AS startedAt, last_active_at AS lastActiveAt, tip`;

export class SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(record: SessionRecord): void {
    this.#database
      .query(
        `INSERT INTO sessions VALUES ($id, $cwd, $driver, $mode, $model, $title, $lastWords, $source, $turns, $inputTokens,
           $outputTokens, $costUsd, $startedAt, $lastActiveAt, $tip)
         ON CONFLICT (id) DO UPDATE SET model = excluded.model, title = excluded.title, last_words = excluded.last_words,
           source = excluded.source, turns = excluded.turns, input_tokens = excluded.input_tokens,
           output_tokens = excluded.output_tokens, cost_usd = excluded.cost_usd,
           last_active_at = excluded.last_active_at, tip = excluded.tip`,
      )
      .run({ ...record });
  }

  /** A finished turn: the session as it is now, where in its transcript that is, and what the turn took. All or nothing. */
  saveTurn(record: SessionRecord, turn: TurnRecord, fingerprint: string | null): void {
    this.#database.transaction(() => {
      this.savePoint(record, fingerprint);
      this.#database
        .query(
          `INSERT INTO turns (session_id, at, model, source, input_tokens, output_tokens, cache_read_tokens,
             cache_creation_tokens, cost_usd, duration_ms)
           VALUES ($sessionId, $at, $model, $source, $inputTokens, $outputTokens, $cacheReadTokens, $cacheCreationTokens,
             $costUsd, $durationMs)`,
        )
        .run({ ...turn });
    })();
  }

  /** The session as it is now, and what conversation its transcript holds so far. */
  savePoint(record: SessionRecord, fingerprint: string | null): void {
    this.#database.transaction(() => {
      this.save(record);
      if (fingerprint === null || record.tip === null) return;
      this.#database
        .query("INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?)")
        .run(fingerprint, record.id, record.tip);
    })();
  }

  /** Its transcript cannot be gone on from: nobody finds the session by its history any more. */
  forgetTranscript(id: string): void {
    this.#database.query("DELETE FROM fingerprints WHERE session_id = ?").run(id);
  }

  get(id: string): SessionRecord | null {
    return this.#database.query<SessionRecord, [string]>(`SELECT ${columns} FROM sessions WHERE id = ?`).get(id);
  }

  /** The one active last in a folder, of those that ever finished a turn. */
  latestIn(cwd: string): SessionRecord | null {
    return this.#database
      .query<SessionRecord, [string]>(
        `SELECT ${columns} FROM sessions WHERE cwd = ? AND turns > 0 ORDER BY last_active_at DESC LIMIT 1`,
      )
      .get(cwd);
  }

  /** The most recently active first. */
  list(limit: number): SessionRecord[] {
    return this.#database
      .query<SessionRecord, [number]>(`SELECT ${columns} FROM sessions ORDER BY last_active_at DESC LIMIT ?`)
      .all(limit);
  }

  /** Where conversations with this fingerprint stand; those that nothing followed first, then the latest. At most ten. */
  find(fingerprint: string): TranscriptPoint[] {
    return this.#database
      .query<Omit<TranscriptPoint, "isTip"> & { isTip: number }, [string]>(
        `SELECT s.id AS sessionId, s.cwd, f.message, s.tip IS f.message AS isTip
         FROM fingerprints f JOIN sessions s ON s.id = f.session_id
         WHERE f.fingerprint = ? ORDER BY isTip DESC, s.last_active_at DESC LIMIT 10`,
      )
      .all(fingerprint)
      .map((point) => ({ ...point, isTip: point.isTip === 1 }));
  }

  /** The session that a caller's own key stands for. */
  sessionOfKey(key: string): string | null {
    const row = this.#database
      .query<{ id: string }, [string]>("SELECT session_id AS id FROM session_keys WHERE key = ?")
      .get(key);
    return row?.id ?? null;
  }

  setKey(key: string, sessionId: string): void {
    this.#database.query("INSERT OR REPLACE INTO session_keys VALUES (?, ?)").run(key, sessionId);
  }
}
