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
