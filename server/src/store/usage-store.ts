/** What turns took, summed where it is kept: no page of the dashboard adds up rows. */
import type { Database } from "bun:sqlite";

export interface Sums {
  turns: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheCreationTokens: number;
  costUsd: number;
}

/** A span of time in milliseconds since the epoch, its end not in it. */
export interface Span {
  from: number;
  to: number;
}

/** What turns can be told apart by, as the database has it: a workspace is its folder there. */
export type Dimension = "model" | "cwd" | "source" | "mode";

const columnOf: Record<Dimension, string> = {
  model: "t.model",
  cwd: "s.cwd",
  source: "t.source",
  mode: "s.mode",
};

const sums = `COUNT(*) AS turns, COALESCE(SUM(t.input_tokens), 0) AS inputTokens,
  COALESCE(SUM(t.output_tokens), 0) AS outputTokens, COALESCE(SUM(t.cache_read_tokens), 0) AS cacheReadTokens,
  COALESCE(SUM(t.cache_creation_tokens), 0) AS cacheCreationTokens, COALESCE(SUM(t.cost_usd), 0) AS costUsd`;

const within = "FROM turns t JOIN sessions s ON s.id = t.session_id WHERE t.at >= $from AND t.at < $to";

export class UsageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  totals(span: Span): Sums {
    return this.#database.query<Sums, [Record<string, number>]>(`SELECT ${sums} ${within}`).get({ ...span })!;
  }

  /** Those that took most, by cost and then by tokens. */
  groups(span: Span, by: Dimension, limit: number): (Sums & { name: string })[] {
    return this.#database
      .query<Sums & { name: string }, [Record<string, number>]>(
        `SELECT ${columnOf[by]} AS name, ${sums} ${within} GROUP BY name
         ORDER BY costUsd DESC, inputTokens + outputTokens + cacheReadTokens + cacheCreationTokens DESC, name LIMIT $limit`,
      )
      .all({ ...span, limit });
  }

  /**
   * Sums by time and group, by time. Only where there were turns.
   *
   * @param names the groups to tell apart; all others are one, named null
   * @param bucketMs the length of a point of time
   * @param offsetMs of the time zone whose days the points follow, east of Greenwich
   */
  points(
    span: Span,
    by: Dimension,
    names: readonly string[],
    { bucketMs, offsetMs }: { bucketMs: number; offsetMs: number },
  ): (Sums & { at: number; name: string | null })[] {
    const column = columnOf[by];
    return this.#database
      .query<Sums & { at: number; name: string | null }, [Record<string, number | string>]>(
        `SELECT (t.at + CAST($offsetMs AS INTEGER)) / CAST($bucketMs AS INTEGER) * CAST($bucketMs AS INTEGER)
             - CAST($offsetMs AS INTEGER) AS at,
           CASE WHEN ${column} IN (SELECT value FROM json_each($names)) THEN ${column} END AS name, ${sums}
         ${within} GROUP BY 1, 2 ORDER BY 1, 2`,
      )
      .all({ ...span, bucketMs, offsetMs, names: JSON.stringify(names) });
  }

  /** Milliseconds that at most such a share of the turns took; null where there were none. */
  durationAt(span: Span, share: number, turns: number): number | null {
    const row = this.#database
      .query<{ ms: number }, [Record<string, number>]>(
        `SELECT duration_ms AS ms FROM turns WHERE at >= $from AND at < $to ORDER BY duration_ms LIMIT 1 OFFSET $before`,
      )
      .get({ ...span, before: Math.max(0, Math.ceil(turns * share) - 1) });
    return row?.ms ?? null;
  }
}
