/** What an operator set for one workspace, where it differs from the server's own settings. */
import type { Database } from "bun:sqlite";
import type { GitMode, WorkspaceSettings } from "@lodge/shared";

export type { GitMode };

const nothingSet: WorkspaceSettings = { git: null, model: null, mode: null, hint: null };

export class WorkspaceSettingsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(workspace: string): WorkspaceSettings {
    const row = this.#database
      .query<WorkspaceSettings, [string]>(
        "SELECT git, model, mode, hint FROM workspace_preferences WHERE workspace = ?",
      )
      .get(workspace);
    return row ?? nothingSet;
  }

  set(workspace: string, { git, model, mode, hint }: WorkspaceSettings): void {
    if (git === null && model === null && mode === null && hint === null) return this.delete(workspace);
    this.#database
      .query("INSERT OR REPLACE INTO workspace_preferences (workspace, git, model, mode, hint) VALUES (?, ?, ?, ?, ?)")
      .run(workspace, git, model, mode, hint);
  }

  delete(workspace: string): void {
    this.#database.query("DELETE FROM workspace_preferences WHERE workspace = ?").run(workspace);
  }
}
