/** The one SQLite file, and how it came to its present form. */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Each brings the file from its own index to the next. Never changed once released; only added to. */
const migrations = [
  `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    cwd TEXT NOT NULL,
    driver TEXT NOT NULL,
    mode TEXT NOT NULL,
    model TEXT NOT NULL,
    title TEXT NOT NULL,
    last_words TEXT NOT NULL,
    source TEXT,
    turns INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    last_active_at INTEGER NOT NULL,
    -- The transcript's last message; NULL while a turn is under way and after one that was cut off before it said anything.
    tip TEXT
  ) STRICT;
  CREATE INDEX sessions_by_activity ON sessions (last_active_at DESC);
  CREATE INDEX sessions_by_folder ON sessions (cwd, last_active_at DESC);

  CREATE TABLE fingerprints (
    fingerprint TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- The transcript's message at which the conversation had this fingerprint.
    message TEXT NOT NULL,
    PRIMARY KEY (fingerprint, session_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX fingerprints_by_session ON fingerprints (session_id);

  CREATE TABLE session_keys (
    key TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_keys_by_session ON session_keys (session_id);

  CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    model TEXT NOT NULL,
    source TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_creation_tokens INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    duration_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX turns_by_time ON turns (at);
  CREATE INDEX turns_by_session ON turns (session_id);
  `,
  `
  CREATE TABLE jobs (
    -- Never given twice: a page of a listing goes on from it.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    -- run: of /run, under way from the first; job: of /execute, which may wait.
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Path below the workspaces root.
    workspace TEXT NOT NULL,
    title TEXT NOT NULL,
    -- What to do, as JSON.
    spec TEXT NOT NULL,
    metadata TEXT,
    callback_url TEXT,
    -- Whether it begins again when the server dies under it.
    requeue INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    session_id TEXT,
    exit_code INTEGER,
    cost_usd REAL,
    output TEXT NOT NULL DEFAULT '',
    stderr TEXT NOT NULL DEFAULT '',
    error TEXT,
    error_kind TEXT,
    -- The reply of /run, as JSON.
    result TEXT
  ) STRICT;
  CREATE INDEX jobs_by_state ON jobs (state, workspace, seq);
  CREATE INDEX jobs_by_workspace ON jobs (workspace, started_at);
  CREATE INDEX jobs_by_end ON jobs (finished_at);

  CREATE TABLE job_events (
    job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY,
    -- Of what was asked for under the key.
    hash TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job);

  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    job INTEGER NOT NULL UNIQUE REFERENCES jobs (seq) ON DELETE CASCADE,
    url TEXT NOT NULL,
    -- pending, delivered or failed
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    error TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deliveries_by_time ON deliveries (state, next_at);

  CREATE TABLE workspace_settings (
    workspace TEXT PRIMARY KEY,
    git TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE responses (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    -- The response that it goes on from, which may be gone.
    previous TEXT,
    status TEXT NOT NULL,
    background INTEGER NOT NULL,
    ended_at INTEGER,
    -- Characters of all that is kept of it.
    size INTEGER NOT NULL,
    -- The object without its output, as JSON.
    head TEXT NOT NULL
  ) STRICT;
  CREATE INDEX responses_by_previous ON responses (previous);
  CREATE INDEX responses_by_end ON responses (ended_at);

  CREATE TABLE response_items (
    response INTEGER NOT NULL REFERENCES responses (seq) ON DELETE CASCADE,
    -- input or output
    side TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (response, side, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX response_items_by_id ON response_items (id, response);

  CREATE TABLE response_events (
    response INTEGER NOT NULL REFERENCES responses (seq) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (response, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    who TEXT,
    action TEXT NOT NULL,
    bytes INTEGER,
    detail TEXT
  ) STRICT;
  CREATE INDEX audit_by_session ON audit (session_id, id);
  `,
  `
  CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    driver TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    -- NULL while it goes on, and when the server died meanwhile.
    ended_at INTEGER,
    duration_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    cols INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    has_input INTEGER NOT NULL,
    is_cut INTEGER NOT NULL,
    -- Why it ends before its terminal did.
    fault TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recordings_by_session ON recordings (session_id, started_at);
  CREATE INDEX recordings_by_end ON recordings (ended_at);
  `,
  `
  ALTER TABLE sessions ADD COLUMN deleted_at INTEGER;

  -- What a person calls a session, beside what it is.
  CREATE TABLE session_labels (
    session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    -- Empty where the session's own title holds.
    title TEXT NOT NULL,
    -- A JSON array.
    tags TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the key, in hexadecimal.
    hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON
    scopes TEXT NOT NULL,
    -- JSON; NULL for all
    workspaces TEXT,
    requests_per_minute INTEGER,
    usd_per_day REAL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
  ) STRICT;

  -- The key that it was made with; NULL for the server's own token.
  ALTER TABLE sessions ADD COLUMN owner TEXT;
  ALTER TABLE jobs ADD COLUMN owner TEXT;
  ALTER TABLE responses ADD COLUMN owner TEXT;
  ALTER TABLE turns ADD COLUMN owner TEXT;
  -- Milliseconds from the request to the first word; NULL where there was none.
  ALTER TABLE turns ADD COLUMN first_token_ms INTEGER;
  CREATE INDEX turns_by_owner ON turns (owner, at, cost_usd);

  -- What is done is not always done to a session.
  CREATE TABLE audit_of_all (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT,
    at INTEGER NOT NULL,
    who TEXT,
    action TEXT NOT NULL,
    bytes INTEGER,
    detail TEXT
  ) STRICT;
  INSERT INTO audit_of_all SELECT id, session_id, at, who, action, bytes, detail FROM audit;
  DROP TABLE audit;
  ALTER TABLE audit_of_all RENAME TO audit;
  CREATE INDEX audit_by_session ON audit (session_id, id);
  `,
  `
  -- NULL where the server's own setting holds.
  CREATE TABLE workspace_preferences (
    workspace TEXT PRIMARY KEY,
    git TEXT,
    model TEXT,
    mode TEXT,
    hint TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO workspace_preferences (workspace, git) SELECT workspace, git FROM workspace_settings;
  DROP TABLE workspace_settings;
  `,
  `
  -- Tokens of the latest call of the model, and how many there may be; NULL where that is not known.
  ALTER TABLE sessions ADD COLUMN context_tokens INTEGER;
  ALTER TABLE sessions ADD COLUMN context_window INTEGER;

  -- A JSON object, as the CLI's own files have it; NULL for none.
  ALTER TABLE workspace_preferences ADD COLUMN mcp_servers TEXT;
  `,
];

/**
 * Opens the file, makes it when it is missing, and brings it up to date.
 *
 * @param path of the file, or `:memory:`
 * @throws when the file was written by a newer version
 */
export function openDatabase(path: string): Database {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new Database(path, { create: true, strict: true });
  // NORMAL: a crash of the machine may lose the last commits but never harms the file; a crash of the server loses nothing.
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = NORMAL");
  database.run("PRAGMA foreign_keys = ON");
  database.run("PRAGMA busy_timeout = 5000");
  migrate(database);
  return database;
}

function migrate(database: Database): void {
  const { user_version: version } = database.query<{ user_version: number }, []>("PRAGMA user_version").get() ?? {
    user_version: 0,
  };
  if (version > migrations.length) {
    database.close();
    throw new Error(
      "The database was written by a newer version of Lodge. Start that one, or use another data folder.",
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.run(sql);
      database.run(`PRAGMA user_version = ${index + 1}`);
    })();
  }
}
