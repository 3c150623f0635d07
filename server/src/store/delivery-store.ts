/** Webhooks that are due, so that none is lost when the server stops. */
import type { Database } from "bun:sqlite";

export interface Delivery {
  /** The same at every attempt, so that the receiver can tell a repetition. */
  id: string;
  /** The job's place in the order. */
  job: number;
  url: string;
  state: "pending" | "delivered" | "failed";
  attempts: number;
  /** Milliseconds since the epoch. */
  nextAt: number;
  /** Why the latest attempt came to nothing. */
  error: string | null;
}

const columns = "id, job, url, state, attempts, next_at AS nextAt, error";

export class DeliveryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(job: number, url: string, now: number): void {
    this.#database
      .query("INSERT OR IGNORE INTO deliveries (id, job, url, state, next_at) VALUES (?, ?, ?, 'pending', ?)")
      .run(`msg_${Bun.randomUUIDv7().replaceAll("-", "")}`, job, url, now);
  }

  ofJob(job: number): Delivery | null {
    return this.#database.query<Delivery, [number]>(`SELECT ${columns} FROM deliveries WHERE job = ?`).get(job);
  }

  /** Pending ones, the one that is due first first. */
  pending(limit: number): Delivery[] {
    return this.#database
      .query<Delivery, [number]>(
        `SELECT ${columns} FROM deliveries WHERE state = 'pending' ORDER BY next_at, id LIMIT ?`,
      )
      .all(limit);
  }

  update({ id, state, attempts, nextAt, error }: Delivery): void {
    this.#database
      .query("UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, error = ? WHERE id = ?")
      .run(state, attempts, nextAt, error, id);
  }
}
