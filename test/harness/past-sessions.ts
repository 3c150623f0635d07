import { Database } from "bun:sqlite";
/** Past sessions of a server by the thousand, as if they had been lived through. */
import { join } from "node:path";
import type { TestLodge } from "./lodge.ts";

/** Each is a minute older than the one before; the last is called `Past session <count>`. */
export function plantPastSessions(lodge: TestLodge, workspace: string, count: number): void {
  using database = new Database(join(lodge.data, "lodge.sqlite"), { strict: true });
  const insert = database.query(
    `INSERT INTO sessions (id, cwd, driver, mode, model, title, last_words, source, turns, input_tokens, output_tokens,
       cost_usd, context_tokens, context_window, started_at, last_active_at)
     VALUES ($id, $cwd, 'stream', 'agent', 'claude-haiku-4-5', $title, 'It is done.', 'cold', 1, 12000, 450,
       0.25, $tokens, 200000, $at, $at)`,
  );
  const now = Date.now();
  database.transaction(() => {
    for (let index = 1; index <= count; index++) {
      insert.run({
        // Begins with no digit: what looks for a number finds it in a title only.
        id: `f${crypto.randomUUID().slice(1)}`,
        cwd: join(lodge.data, "workspaces", workspace),
        title: `Past session ${String(index).padStart(5, "0")}`,
        tokens: (index * 997) % 200_000,
        at: now - index * 60_000,
      });
    }
  })();
}
