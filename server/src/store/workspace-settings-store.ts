/** What an operator set for one workspace, where it differs from the server's own settings. */
import type { Database } from "bun:sqlite";

export const gitModes = ["none", "pull --rebase"] as const;
/** What `git` is asked to do in a workspace before each run. */
export type GitMode = (typeof gitModes)[number];

export class WorkspaceSettingsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null when the server's own setting holds. */
  git(workspace: string): GitMode | null {
    return (
      this.#database
        .query<{ git: GitMode }, [string]>("SELECT git FROM workspace_settings WHERE workspace = ?")
        .get(workspace)?.git ?? null
    );
  }

  /** @param git null goes back to the server's own setting */
  setGit(workspace: string, git: GitMode | null): void {
    if (git === null) this.#database.query("DELETE FROM workspace_settings WHERE workspace = ?").run(workspace);
    else this.#database.query("INSERT OR REPLACE INTO workspace_settings VALUES (?, ?)").run(workspace, git);
  }
}
