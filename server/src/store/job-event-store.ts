/** What a job did while it ran, in order: what its live output is read from, during and after. */
import type { Database } from "bun:sqlite";

export interface JobEventRecord {
  /** Counts from 1 within one job. */
  id: number;
  type: string;
  /** JSON. */
  data: string;
}

export class JobEventStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(job: number, type: string, data: string): number {
    const row = this.#database
      .query<{ id: number }, [number, number, string, string]>(
        `INSERT INTO job_events (job, id, type, data)
         VALUES (?, (SELECT coalesce(max(id), 0) + 1 FROM job_events WHERE job = ?), ?, ?) RETURNING id`,
      )
      .get(job, job, type, data);
    return row?.id ?? 0;
  }

  after(job: number, id: number, limit: number): JobEventRecord[] {
    return this.#database
      .query<JobEventRecord, [number, number, number]>(
        "SELECT id, type, data FROM job_events WHERE job = ? AND id > ? ORDER BY id LIMIT ?",
      )
      .all(job, id, limit);
  }

  /** Forgets the oldest, up to and with one. */
  forgetThrough(job: number, id: number): void {
    this.#database.query("DELETE FROM job_events WHERE job = ? AND id <= ?").run(job, id);
  }
}
