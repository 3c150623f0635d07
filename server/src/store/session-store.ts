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
  /** Tokens of the latest call of the model, and how many there may be; null where that is not known. */
  contextTokens: number | null;
  contextWindow: number | null;
  startedAt: number;
  lastActiveAt: number;
  tip: string | null;
  /** The API key that it was made with; null for the server's own token. */
  owner: string | null;
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
  /** Milliseconds from the request to the first word; null where there was none. */
  firstTokenMs: number | null;
  /** The API key that pays for it; null for the server's own token. */
  owner: string | null;
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
  output_tokens AS outputTokens, cost_usd AS costUsd, context_tokens AS contextTokens, context_window AS contextWindow, started_at AS startedAt, last_active_at AS lastActiveAt, tip, owner`;

export class SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(record: SessionRecord): void {
    this.#database
      .query(
        `INSERT INTO sessions (id, cwd, driver, mode, model, title, last_words, source, turns, input_tokens,
           output_tokens, cost_usd, context_tokens, context_window, started_at, last_active_at, tip, owner)
         VALUES ($id, $cwd, $driver, $mode, $model, $title, $lastWords, $source, $turns, $inputTokens,
           $outputTokens, $costUsd, $contextTokens, $contextWindow, $startedAt, $lastActiveAt, $tip, $owner)
         ON CONFLICT (id) DO UPDATE SET model = excluded.model, title = excluded.title, last_words = excluded.last_words,
           source = excluded.source, turns = excluded.turns, input_tokens = excluded.input_tokens,
           output_tokens = excluded.output_tokens, cost_usd = excluded.cost_usd,
           context_tokens = excluded.context_tokens, context_window = excluded.context_window,
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
             cache_creation_tokens, cost_usd, duration_ms, first_token_ms, owner)
           VALUES ($sessionId, $at, $model, $source, $inputTokens, $outputTokens, $cacheReadTokens, $cacheCreationTokens,
             $costUsd, $durationMs, $firstTokenMs, $owner)`,
        )
        .run({ ...turn });
    })();
  }

  /** A session's latest turn turned out to have cost so much more. */
  addCost(id: string, costUsd: number): void {
    this.#database.transaction(() => {
      this.#database.query("UPDATE sessions SET cost_usd = cost_usd + $costUsd WHERE id = $id").run({ id, costUsd });
      this.#database
        .query(
          "UPDATE turns SET cost_usd = cost_usd + $costUsd WHERE id = (SELECT MAX(id) FROM turns WHERE session_id = $id)",
        )
        .run({ id, costUsd });
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

  /** Nobody finds it any more, nor what was said in it; what its turns took still counts. */
  delete(id: string, now: number): void {
    this.#database.transaction(() => {
      this.forgetTranscript(id);
      this.#database.query("DELETE FROM session_keys WHERE session_id = ?").run(id);
      this.#database.query("DELETE FROM session_labels WHERE session_id = ?").run(id);
      this.#database
        .query("UPDATE sessions SET title = '', last_words = '', tip = NULL, deleted_at = ? WHERE id = ?")
        .run(now, id);
    })();
  }

  get(id: string): SessionRecord | null {
    return this.#database
      .query<SessionRecord, [string]>(`SELECT ${columns} FROM sessions WHERE id = ? AND deleted_at IS NULL`)
      .get(id);
  }

  /** The one of an owner that was active last in a folder, of those that ever finished a turn. */
  latestIn(cwd: string, owner: string | null): SessionRecord | null {
    return this.#database
      .query<SessionRecord, [string, string | null]>(
        `SELECT ${columns} FROM sessions WHERE cwd = ? AND owner IS ? AND turns > 0 AND deleted_at IS NULL ORDER BY last_active_at DESC LIMIT 1`,
      )
      .get(cwd, owner);
  }

  /** The sessions of a folder and of those below it, deleted ones included. */
  below(cwd: string): Pick<SessionRecord, "id" | "cwd">[] {
    return this.#database
      .query<Pick<SessionRecord, "id" | "cwd">, [string, string]>(
        "SELECT id, cwd FROM sessions WHERE cwd = ?1 OR substr(cwd, 1, length(?2)) = ?2",
      )
      .all(cwd, `${cwd}/`);
  }

  relocate(id: string, cwd: string): void {
    this.#database.query("UPDATE sessions SET cwd = ? WHERE id = ?").run(cwd, id);
  }

  /** The most recently active first; of one owner, or of all. */
  list(limit: number, owner?: string): SessionRecord[] {
    return this.#database
      .query<SessionRecord, Record<string, string | number | null>[]>(
        `SELECT ${columns} FROM sessions WHERE deleted_at IS NULL AND ($owner IS NULL OR owner = $owner)
         ORDER BY last_active_at DESC LIMIT $limit`,
      )
      .all({ limit, owner: owner ?? null });
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
