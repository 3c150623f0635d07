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

/** What turns can be told apart by, as the database has it: a workspace is its folder there, a key its id. */
export type Dimension = "model" | "cwd" | "source" | "mode" | "owner";

/** The whole turn, or from its request to its first word, which not every turn comes to. */
export type TimeOf = "duration" | "first_token";

/** Milliseconds within which such a part of the turns was, in percent. */
export interface Times {
  p50: number;
  p90: number;
  p99: number;
}

const columnOf: Record<Dimension, string> = {
  model: "t.model",
  cwd: "s.cwd",
  source: "t.source",
  mode: "s.mode",
  // The server's own token has no name.
  owner: "COALESCE(t.owner, '')",
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

  /** US dollars that the turns of one API key have cost. */
  costOf(owner: string, { from, to }: Span): number {
    const sql = "SELECT COALESCE(SUM(cost_usd), 0) AS usd FROM turns WHERE owner = $owner AND at >= $from AND at < $to";
    return this.#database.query<{ usd: number }, [Record<string, string | number>]>(sql).get({ owner, from, to })!.usd;
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

  /** Of all turns. */
  times(span: Span, of: TimeOf): Times | null {
    return this.#times(span, of, "''", {}).get("") ?? null;
  }

  /** Of each group that is told apart; of all others together under null. */
  timesBy(span: Span, of: TimeOf, by: Dimension, names: readonly string[]): Map<string | null, Times> {
    const column = columnOf[by];
    const group = `CASE WHEN ${column} IN (SELECT value FROM json_each($names)) THEN ${column} END`;
    return this.#times(span, of, group, { names: JSON.stringify(names) });
  }

  #times(span: Span, of: TimeOf, group: string, parameters: Record<string, string>): Map<string | null, Times> {
    const rows = this.#database
      .query<{ name: string | null; rank: number; total: number; ms: number }, [Record<string, number | string>]>(
        `SELECT name, rank, total, ms FROM (
           SELECT *, ROW_NUMBER() OVER (PARTITION BY name ORDER BY ms) AS rank, COUNT(*) OVER (PARTITION BY name) AS total
           FROM (SELECT ${group} AS name, t.${of}_ms AS ms ${within} AND t.${of}_ms IS NOT NULL)
         ) WHERE rank IN ((total * 50 + 99) / 100, (total * 90 + 99) / 100, (total * 99 + 99) / 100)`,
      )
      .all({ ...span, ...parameters });
    const found = new Map<string | null, Times>();
    for (const { name } of rows) {
      const own = rows.filter((row) => row.name === name);
      const at = (percent: number) =>
        own.find(({ rank, total }) => rank === Math.floor((total * percent + 99) / 100))!.ms;
      found.set(name, { p50: at(50), p90: at(90), p99: at(99) });
    }
    return found;
  }
}
