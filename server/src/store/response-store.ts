/** Responses as they are kept: the object without its output, the items of both sides, and what a stream said. */
import type { Database } from "bun:sqlite";

export interface ResponseRecord {
  /** Counts up as responses come. */
  seq: number;
  id: string;
  /** The response that it goes on from. */
  previous: string | null;
  status: string;
  background: boolean;
  /** The object without its output, as JSON. */
  head: string;
  /** The API key that it was made with; null for the server's own token. */
  owner: string | null;
}

export interface StoredItem {
  id: string;
  /** JSON. */
  data: string;
}

export interface StoredEvent {
  /** Its sequence number, which counts from 0 within one response. */
  id: number;
  type: string;
  /** JSON. */
  data: string;
}

export interface ResponseBounds {
  /** Milliseconds since the epoch; those that ended before are forgotten. */
  endedBefore: number;
  /** Responses kept, whatever their age. */
  maxCount: number;
  /** Characters kept of all of them together. */
  maxSize: number;
}

const columns = "seq, id, previous, status, background, head, owner";
type Row = Omit<ResponseRecord, "background"> & { background: number };
const record = (row: Row | null): ResponseRecord | null => row && { ...row, background: row.background === 1 };

/** Responses forgotten at one time. */
const batch = 500;
/** Times that more are looked for; a long conversation goes from its end, one response each time. The rest waits for the next call. */
const rounds = 1000;

export class ResponseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Several writes as one: all of them or none. */
  atomically<T>(work: () => T): T {
    return this.#database.transaction(work)();
  }

  add(response: Omit<ResponseRecord, "seq">, input: readonly StoredItem[]): number {
    const { id, previous, status, background, head, owner } = response;
    return this.atomically(() => {
      const row = this.#database
        .query<{ seq: number }, [string, string | null, string, number, string, number, string | null]>(
          `INSERT INTO responses (id, previous, status, background, head, size, owner)
           VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
        )
        .get(id, previous, status, background ? 1 : 0, head, head.length, owner);
      const seq = row?.seq ?? 0;
      this.#addItems(seq, "input", input);
      return seq;
    });
  }

  get(id: string): ResponseRecord | null {
    return record(this.#database.query<Row, [string]>(`SELECT ${columns} FROM responses WHERE id = ?`).get(id));
  }

  setStatus(seq: number, status: string, head: string): void {
    this.#database.query("UPDATE responses SET status = ?, head = ? WHERE seq = ?").run(status, head, seq);
  }

  /** One that was deleted meanwhile stays so. */
  end(
    seq: number,
    { status, head, output, endedAt }: { status: string; head: string; output: readonly StoredItem[]; endedAt: number },
  ): void {
    this.atomically(() => {
      const changed = this.#database
        .query("UPDATE responses SET status = ?, head = ?, ended_at = ? WHERE seq = ? AND ended_at IS NULL")
        .run(status, head, endedAt, seq).changes;
      if (changed > 0) this.#addItems(seq, "output", output);
    });
  }

  delete(id: string): boolean {
    return this.#database.query("DELETE FROM responses WHERE id = ?").run(id).changes > 0;
  }

  /** Those that have not come to an end. */
  underWay(): ResponseRecord[] {
    return this.#database
      .query<Row, []>(`SELECT ${columns} FROM responses WHERE ended_at IS NULL ORDER BY seq`)
      .all()
      .map((row) => record(row) as ResponseRecord);
  }

  items(seq: number, side: "input" | "output"): StoredItem[] {
    return this.#database
      .query<StoredItem, [number, string]>(
        "SELECT id, data FROM response_items WHERE response = ? AND side = ? ORDER BY position",
      )
      .all(seq, side);
  }

  /** The latest item of that id in what one owner may see: their own responses, and without an owner all. */
  item(id: string, owner: string | null): StoredItem | null {
    return this.#database
      .query<StoredItem, Record<string, string | null>[]>(
        `SELECT i.id, i.data FROM response_items i JOIN responses r ON r.seq = i.response
         WHERE i.id = $id AND ($owner IS NULL OR r.owner = $owner) ORDER BY i.response DESC LIMIT 1`,
      )
      .get({ id, owner });
  }

  /**
   * All items of a response and of those that it goes on from, the first first. Null when one of these is gone: what
   * is left is another conversation.
   */
  conversation(id: string): StoredItem[] | null {
    const chain = this.#database
      .query<{ seq: number; previous: string | null }, [string]>(
        `WITH RECURSIVE chain (seq, previous, depth) AS (
           SELECT seq, previous, 0 FROM responses WHERE id = ?
           UNION ALL
           SELECT responses.seq, responses.previous, depth + 1 FROM chain JOIN responses ON responses.id = chain.previous
         )
         SELECT seq, previous FROM chain ORDER BY depth DESC`,
      )
      .all(id);
    if (chain[0]?.previous !== null) return null;
    return chain.flatMap(({ seq }) => [...this.items(seq, "input"), ...this.items(seq, "output")]);
  }

  addEvents(seq: number, events: readonly StoredEvent[]): void {
    const insert = this.#database.query("INSERT INTO response_events (response, id, type, data) VALUES (?, ?, ?, ?)");
    for (const { id, type, data } of events) insert.run(seq, id, type, data);
    const size = events.reduce((sum, { data }) => sum + data.length, 0);
    this.#database.query("UPDATE responses SET size = size + ? WHERE seq = ?").run(size, seq);
  }

  eventsAfter(seq: number, id: number, limit: number): StoredEvent[] {
    return this.#database
      .query<StoredEvent, [number, number, number]>(
        "SELECT id, type, data FROM response_events WHERE response = ? AND id > ? ORDER BY id LIMIT ?",
      )
      .all(seq, id, limit);
  }

  /** The oldest that is kept; null when there is none. */
  firstEvent(seq: number): number | null {
    const sql = "SELECT min(id) AS id FROM response_events WHERE response = ?";
    return this.#database.query<{ id: number | null }, [number]>(sql).get(seq)?.id ?? null;
  }

  /** The latest that is kept; -1 when there is none. */
  lastEvent(seq: number): number {
    const sql = "SELECT max(id) AS id FROM response_events WHERE response = ?";
    return this.#database.query<{ id: number | null }, [number]>(sql).get(seq)?.id ?? -1;
  }

  /** Forgets the oldest, up to and with one. */
  forgetEvents(seq: number, through: number): void {
    this.atomically(() => {
      this.#database
        .query(
          `UPDATE responses SET size = size - (
             SELECT coalesce(sum(length(data)), 0) FROM response_events WHERE response = $seq AND id <= $through)
           WHERE seq = $seq`,
        )
        .run({ seq, through });
      this.#database.query("DELETE FROM response_events WHERE response = ? AND id <= ?").run(seq, through);
    });
  }

  /**
   * Forgets what is too old or too much, the oldest first. One that another goes on from stays as long as that does, so
   * that a conversation in use keeps its beginning.
   */
  forget({ endedBefore, maxCount, maxSize }: ResponseBounds): void {
    for (let round = 0; round < rounds; round++) {
      const { count, size } = this.#database
        .query<{ count: number; size: number }, []>(
          "SELECT count(*) AS count, coalesce(sum(size), 0) AS size FROM responses",
        )
        .get() ?? { count: 0, size: 0 };
      const leaves = this.#database
        .query<{ seq: number; size: number; ended_at: number }, [number]>(
          `SELECT seq, size, ended_at FROM responses WHERE ended_at IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM responses AS next WHERE next.previous = responses.id)
           ORDER BY ended_at LIMIT ?`,
        )
        .all(batch);
      let [tooMany, tooMuch] = [count - maxCount, size - maxSize];
      const gone = leaves.filter((leaf) => {
        const goes = leaf.ended_at < endedBefore || tooMany > 0 || tooMuch > 0;
        tooMany -= 1;
        tooMuch -= leaf.size;
        return goes;
      });
      if (gone.length === 0) return;
      const remove = this.#database.query("DELETE FROM responses WHERE seq = ?");
      this.atomically(() => gone.forEach(({ seq }) => remove.run(seq)));
    }
  }

  #addItems(seq: number, side: "input" | "output", items: readonly StoredItem[]): void {
    const insert = this.#database.query(
      "INSERT INTO response_items (response, side, position, id, data) VALUES (?, ?, ?, ?, ?)",
    );
    for (const [position, { id, data }] of items.entries()) insert.run(seq, side, position, id, data);
    const size = items.reduce((sum, { data }) => sum + data.length, 0);
    this.#database.query("UPDATE responses SET size = size + ? WHERE seq = ?").run(size, seq);
  }
}
