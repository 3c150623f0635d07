/** What an operator set for one workspace, where it differs from the server's own settings. */
import type { Database } from "bun:sqlite";
import type { GitMode, McpServers, WorkspaceSettings } from "@lodge/shared";

export type { GitMode };

const nothingSet: WorkspaceSettings = { git: null, model: null, mode: null, hint: null, mcpServers: null };

/** Workspaces whose settings are kept at hand: each turn asks for those of its own. */
const maxKept = 100;

type Row = Omit<WorkspaceSettings, "mcpServers"> & { mcpServers: string | null };

export class WorkspaceSettingsStore {
  readonly #database: Database;
  /** Of those that were asked for since the last change of any. */
  readonly #kept = new Map<string, WorkspaceSettings>();

  constructor(database: Database) {
    this.#database = database;
  }

  get(workspace: string): WorkspaceSettings {
    const kept = this.#kept.get(workspace);
    if (kept) return kept;
    const settings = this.#read(workspace);
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(workspace, settings);
    return settings;
  }

  #read(workspace: string): WorkspaceSettings {
    const row = this.#database
      .query<Row, [string]>(
        "SELECT git, model, mode, hint, mcp_servers AS mcpServers FROM workspace_preferences WHERE workspace = ?",
      )
      .get(workspace);
    if (row === null) return nothingSet;
    return { ...row, mcpServers: row.mcpServers === null ? null : (JSON.parse(row.mcpServers) as McpServers) };
  }

  set(workspace: string, settings: WorkspaceSettings): void {
    if (Object.values(settings).every((value) => value === null)) return this.delete(workspace);
    const { git, model, mode, hint, mcpServers } = settings;
    this.#kept.clear();
    this.#database
      .query(
        `INSERT OR REPLACE INTO workspace_preferences (workspace, git, model, mode, hint, mcp_servers)
         VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(workspace, git, model, mode, hint, mcpServers && JSON.stringify(mcpServers));
  }

  /** What was set for one holds for another, and for the first nothing is any more. */
  move(from: string, to: string): void {
    if (from === to) return;
    this.#database.transaction(() => {
      this.set(to, this.get(from));
      this.delete(from);
    })();
  }

  /** All for which something is set and whose name begins so. */
  named(beginning: string): string[] {
    return this.#database
      .query<{ workspace: string }, [string]>(
        "SELECT workspace FROM workspace_preferences WHERE substr(workspace, 1, length(?1)) = ?1",
      )
      .all(beginning)
      .map(({ workspace }) => workspace);
  }

  delete(workspace: string): void {
    this.#kept.clear();
    this.#database.query("DELETE FROM workspace_preferences WHERE workspace = ?").run(workspace);
  }
}
