/** Runs and jobs as they are kept: what was asked for, how far it has come, and what became of it. */
import type { Database, SQLQueryBindings } from "bun:sqlite";

export const jobStates = ["queued", "running", "completed", "failed", "timeout", "cancelled", "error"] as const;
export type JobState = (typeof jobStates)[number];
export type JobKind = "run" | "job";

/** What a listing shows. */
export interface JobSummary {
  seq: number;
  id: string;
  kind: JobKind;
  state: JobState;
  /** Path below the workspaces root; empty for the root itself. */
  workspace: string;
  /** The beginning of the prompt. */
  title: string;
  /** JSON, or null when the caller gave none. */
  metadata: string | null;
  /** Times that it was begun. */
  attempts: number;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  sessionId: string | null;
  exitCode: number | null;
  costUsd: number | null;
  error: string | null;
  /** The API key that it was made with; null for the server's own token. */
  owner: string | null;
}

export interface JobRecord extends JobSummary {
  /** What to do, as JSON. */
  spec: string;
  callbackUrl: string | null;
  requeue: boolean;
  output: string;
  stderr: string;
  errorKind: string | null;
  /** JSON, or null when there is none. */
  result: string | null;
}

export type NewJob = Pick<
  JobRecord,
  "id" | "kind" | "workspace" | "title" | "spec" | "metadata" | "callbackUrl" | "requeue" | "createdAt" | "owner"
> & { state: "queued" | "running" };

export type JobEnd = Pick<
  JobRecord,
  "exitCode" | "costUsd" | "output" | "stderr" | "error" | "errorKind" | "result"
> & { state: Exclude<JobState, "queued" | "running">; finishedAt: number };

export interface JobFilter {
  kind?: JobKind | undefined;
  states?: readonly JobState[] | undefined;
  workspace?: string | undefined;
  /** The API key that they were made with; of all when absent. */
  owner?: string | undefined;
  /** Milliseconds since the epoch; those made then or later. */
  since?: number | undefined;
  /** Those before this one, which was the last of the page before. */
  before?: number | undefined;
  limit: number;
}

const summaryColumns = `seq, id, kind, state, workspace, title, metadata, attempts, created_at AS createdAt,
  started_at AS startedAt, finished_at AS finishedAt, session_id AS sessionId, exit_code AS exitCode,
  cost_usd AS costUsd, error, owner`;
const columns = `${summaryColumns}, spec, callback_url AS callbackUrl, requeue, output, stderr, error_kind AS errorKind, result`;

type Row = Omit<JobRecord, "requeue"> & { requeue: number };
const record = (row: Row | null): JobRecord | null => row && { ...row, requeue: row.requeue === 1 };

export class JobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Several writes as one: all of them or none. */
  atomically<T>(work: () => T): T {
    return this.#database.transaction(work)();
  }

  add(job: NewJob): JobRecord {
    const row = this.#database
      .query<Row, SQLQueryBindings[]>(
        `INSERT INTO jobs (id, kind, state, workspace, title, spec, metadata, callback_url, requeue, created_at,
           owner, started_at, attempts)
         VALUES ($id, $kind, $state, $workspace, $title, $spec, $metadata, $callbackUrl, $requeue, $createdAt,
           $owner, iif($state = 'running', $createdAt, NULL), iif($state = 'running', 1, 0))
         RETURNING ${columns}`,
      )
      .get({ ...job, requeue: job.requeue ? 1 : 0 });
    return record(row) as JobRecord;
  }

  get(id: string): JobRecord | null {
    return record(this.#database.query<Row, [string]>(`SELECT ${columns} FROM jobs WHERE id = ?`).get(id));
  }

  bySeq(seq: number): JobRecord | null {
    return record(this.#database.query<Row, [number]>(`SELECT ${columns} FROM jobs WHERE seq = ?`).get(seq));
  }

  /** Whether nothing more comes of it; so it is with one that is not here. */
  isOver(id: string): boolean {
    const sql = "SELECT 1 AS found FROM jobs WHERE id = ? AND finished_at IS NULL";
    return this.#database.query<{ found: number }, [string]>(sql).get(id) === null;
  }

  /** The newest first. */
  list({ kind, states, workspace, owner, since, before, limit }: JobFilter): JobSummary[] {
    const conditions: [string, SQLQueryBindings][] = [];
    if (kind !== undefined) conditions.push(["kind = ?", kind]);
    if (workspace !== undefined) conditions.push(["workspace = ?", workspace]);
    if (owner !== undefined) conditions.push(["owner = ?", owner]);
    if (since !== undefined) conditions.push(["created_at >= ?", since]);
    if (before !== undefined) conditions.push(["seq < ?", before]);
    if (states !== undefined) conditions.push(["state IN (SELECT value FROM json_each(?))", JSON.stringify(states)]);
    const where = conditions.map(([sql]) => sql).join(" AND ") || "1";
    return this.#database
      .query<JobSummary, SQLQueryBindings[]>(
        `SELECT ${summaryColumns} FROM jobs WHERE ${where} ORDER BY seq DESC LIMIT ?`,
      )
      .all(...conditions.map(([, value]) => value), limit);
  }

  count(state: JobState): number {
    return (
      this.#database.query<{ n: number }, [string]>("SELECT count(*) AS n FROM jobs WHERE state = ?").get(state)?.n ?? 0
    );
  }

  /** The job that is next in each workspace; the workspace that waits longest for one of its own to begin comes first. */
  heads(): { seq: number; workspace: string }[] {
    return this.#database
      .query<{ seq: number; workspace: string }, []>(
        `SELECT seq, workspace FROM (
           SELECT min(seq) AS seq, workspace FROM jobs WHERE state = 'queued' GROUP BY workspace
         ) AS head
         ORDER BY (SELECT max(started_at) FROM jobs WHERE jobs.workspace = head.workspace) NULLS FIRST, seq`,
      )
      .all();
  }

  /** Takes a job out of the queue; null when it is not in it any more. */
  begin(seq: number, now: number): JobRecord | null {
    return record(
      this.#database
        .query<Row, SQLQueryBindings[]>(
          `UPDATE jobs SET state = 'running', started_at = ?, attempts = attempts + 1
           WHERE seq = ? AND state = 'queued' RETURNING ${columns}`,
        )
        .get(now, seq),
    );
  }

  /** Puts it back into the queue, in its old place. */
  requeue(seq: number): void {
    this.#database.query("UPDATE jobs SET state = 'queued', started_at = NULL WHERE seq = ?").run(seq);
  }

  setSession(seq: number, sessionId: string): void {
    this.#database.query("UPDATE jobs SET session_id = ? WHERE seq = ?").run(sessionId, seq);
  }

  end(seq: number, end: JobEnd): void {
    this.#database
      .query(
        `UPDATE jobs SET state = $state, finished_at = $finishedAt, exit_code = $exitCode, cost_usd = $costUsd,
           output = $output, stderr = $stderr, error = $error, error_kind = $errorKind, result = $result
         WHERE seq = $seq AND state IN ('queued', 'running')`,
      )
      .run({ ...end, seq });
  }

  running(): JobRecord[] {
    return this.#database
      .query<Row, []>(`SELECT ${columns} FROM jobs WHERE state = 'running' ORDER BY seq`)
      .all()
      .map((row) => record(row) as JobRecord);
  }

  /** Forgets what ended before a time, and of the rest all but the latest. */
  forget(endedBefore: number, keep: number): void {
    this.#database.query("DELETE FROM jobs WHERE finished_at < ?").run(endedBefore);
    this.#database
      .query(
        `DELETE FROM jobs WHERE seq IN (
           SELECT seq FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT -1 OFFSET ?)`,
      )
      .run(keep);
  }

  /** What was asked for under a key, if anything was. */
  byKey(key: string): { job: number; hash: string } | null {
    return this.#database
      .query<{ job: number; hash: string }, [string]>("SELECT job, hash FROM idempotency_keys WHERE key = ?")
      .get(key);
  }

  addKey(key: string, hash: string, seq: number): void {
    this.#database.query("INSERT INTO idempotency_keys VALUES (?, ?, ?)").run(key, hash, seq);
  }
}
