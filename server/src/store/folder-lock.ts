/**
 * One server for a data folder: a second would take what the first is at work on for what an earlier one left behind. The
 * lock is the system's own on a file, taken by SQLite, and so gone with its holder however that ended.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Made when it is missing. Null when another process has it, or this one has it already. */
export function lockFolder(folder: string): Disposable | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = new Database(join(folder, "lock"), { create: true });
  try {
    file.run("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    if (error instanceof SQLiteError && error.code === "SQLITE_BUSY") return null;
    throw error;
  }
  return { [Symbol.dispose]: () => file.close() };
}
