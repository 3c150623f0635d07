/** Sessions as a person looks for them: filtered, by the page, and under the names and tags that they were given. */
import type { Database, SQLQueryBindings } from "bun:sqlite";

export interface CatalogFilter {
  /** Each of its words is somewhere in what a list shows of a session, or is what its id begins with. */
  q?: string | undefined;
  /** The folder that it works in, or one above that. */
  cwd?: string | undefined;
  driver?: string | undefined;
  mode?: string | undefined;
  model?: string | undefined;
  source?: string | undefined;
  tag?: string | undefined;
}

/** What sessions have that one can look for, of each the most recently used. */
export interface CatalogChoices {
  cwds: string[];
  models: string[];
  tags: string[];
}

/** The last session of a page. */
export interface CatalogPlace {
  at: number;
  id: string;
}

export interface SessionLabel {
  /** Empty where the session's own title holds. */
  title: string;
  tags: string[];
}

const noLabel: SessionLabel = { title: "", tags: [] };

/** Words of a filter that are looked at. */
const maxWords = 12;

const from = "FROM sessions s LEFT JOIN session_labels l ON l.session_id = s.id";

export class SessionCatalogStore {
  readonly #database: Database;
  /** Characters of a folder's path that are the workspaces root's, and say nothing. */
  readonly #rootLength: number;

  constructor(database: Database, root: string) {
    this.#database = database;
    this.#rootLength = root.length;
  }

  /** Ids, the most recently active first. */
  page(filter: CatalogFilter, after: CatalogPlace | null, limit: number): CatalogPlace[] {
    const { where, values } = this.#conditions(filter, after);
    return this.#database
      .query<CatalogPlace, SQLQueryBindings[]>(
        `SELECT s.id, s.last_active_at AS at ${from} WHERE ${where} ORDER BY s.last_active_at DESC, s.id DESC LIMIT ?`,
      )
      .all(...values, limit);
  }

  /** How many there are, and what they cost together. */
  total(filter: CatalogFilter, after: CatalogPlace | null): { sessions: number; costUsd: number } {
    const { where, values } = this.#conditions(filter, after);
    const sums = this.#database
      .query<{ sessions: number; costUsd: number }, SQLQueryBindings[]>(
        `SELECT COUNT(*) AS sessions, COALESCE(SUM(s.cost_usd), 0) AS costUsd ${from} WHERE ${where}`,
      )
      .get(...values);
    return sums ?? { sessions: 0, costUsd: 0 };
  }

  /** @param limit of each kind */
  choices(filter: CatalogFilter, limit: number): CatalogChoices {
    const { where, values } = this.#conditions(filter, null);
    const latest = (column: string, more = "") =>
      this.#database
        .query<{ value: string }, SQLQueryBindings[]>(
          `SELECT ${column} AS value ${from} ${more} WHERE ${where} AND ${column} <> ''
            GROUP BY ${column} ORDER BY MAX(s.last_active_at) DESC LIMIT ?`,
        )
        .all(...values, limit)
        .map(({ value }) => value);
    return {
      cwds: latest("s.cwd"),
      models: latest("s.model"),
      tags: latest("t.value", "JOIN json_each(l.tags) t"),
    };
  }

  label(id: string): SessionLabel {
    const row = this.#database
      .query<{ title: string; tags: string }, [string]>("SELECT title, tags FROM session_labels WHERE session_id = ?")
      .get(id);
    return row ? { title: row.title, tags: JSON.parse(row.tags) as string[] } : noLabel;
  }

  /** False for a session that is not kept yet, such as a terminal in which nothing was said. */
  setLabel(id: string, { title, tags }: SessionLabel): boolean {
    const { changes } = this.#database
      .query("INSERT OR REPLACE INTO session_labels SELECT id, ?2, ?3 FROM sessions WHERE id = ?1")
      .run(id, title, JSON.stringify(tags));
    return changes > 0;
  }

  #conditions(
    { q = "", cwd, driver, mode, model, source, tag }: CatalogFilter,
    after: CatalogPlace | null,
  ): { where: string; values: SQLQueryBindings[] } {
    const conditions: [string, ...SQLQueryBindings[]][] = [["s.deleted_at IS NULL"]];
    if (after) conditions.push(["(s.last_active_at, s.id) < (?, ?)", after.at, after.id]);
    if (cwd !== undefined) conditions.push(["(s.cwd = ? OR s.cwd LIKE ? ESCAPE '\\')", cwd, `${escaped(cwd)}/%`]);
    for (const [column, value] of Object.entries({ driver, mode, model, source })) {
      if (value !== undefined) conditions.push([`s.${column} = ?`, value]);
    }
    if (tag !== undefined) conditions.push(["EXISTS (SELECT 1 FROM json_each(l.tags) WHERE value = ?)", tag]);
    for (const word of q.split(/\s+/).filter(Boolean).slice(0, maxWords)) {
      const part = escaped(word);
      conditions.push([`(${this.#shown()} LIKE ? ESCAPE '\\' OR s.id LIKE ? ESCAPE '\\')`, `%${part}%`, `${part}%`]);
    }
    return {
      where: conditions.map(([condition]) => condition).join(" AND "),
      values: conditions.flatMap(([, ...values]) => values),
    };
  }

  /** What a list shows of a session, in one text. */
  #shown(): string {
    const fields = [
      "IIF(COALESCE(l.title, '') = '', s.title, l.title)",
      "s.last_words",
      `SUBSTR(s.cwd, ${this.#rootLength + 2})`,
      "s.mode",
      "s.driver",
      "s.model",
      "COALESCE(l.tags, '')",
    ];
    return `(${fields.join(" || char(10) || ")})`;
  }
}

const escaped = (text: string): string => text.replaceAll(/[\\%_]/g, "\\$&");
