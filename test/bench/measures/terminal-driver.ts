/**
 * The interactive CLI as the backend: a further turn of a live process to its first words, and of that the time from the
 * record in the transcript to its event. The file system's own time of the last write is when the record was written; it
 * counts in ticks of up to 4 ms, so that a little more is shown than there was.
 */
import { statSync } from "node:fs";
import { systemClock } from "../../../server/src/sessions/clock.ts";
import { TerminalDriver } from "../../../server/src/sessions/drivers/terminal/index.ts";
import { planLaunch } from "../../../server/src/sessions/launch.ts";
import { transcriptPath } from "../../../server/src/sessions/transcripts/location.ts";
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import { modelName, systemPrompt } from "../prompt.ts";

export interface TerminalDriverReport {
  /** Milliseconds from the message to the first words. */
  turns: number[];
  /** Milliseconds from the record of those words to their event. */
  recordToEvent: number[];
}

/** Milliseconds between turns: the CLI puts its screen in order after each. */
const gapMs = 150;

export async function measureTerminalDriver(bed: Bed, turns: number): Promise<TerminalDriverReport> {
  const configDir = bed.cliEnv["CLAUDE_CONFIG_DIR"] ?? "";
  const plan = planLaunch(
    { mode: "model", cwd: bed.workspace, model: modelName, systemPrompt },
    { model: modelName, driver: "terminal", permissionMode: "dontAsk" },
  );
  const sessionId = crypto.randomUUID();
  const driver = new TerminalDriver(
    { plan, sessionId, origin: { type: "new" }, onPrompts: () => {} },
    { env: bed.cliEnv, claudePath: bed.cliPath, configDir, ownConfig: true, trustWorkspace: true },
    systemClock,
  );
  const report: TerminalDriverReport = { turns: [], recordToEvent: [] };
  try {
    // The first turn does much for the first time.
    for (let turn = 0; turn <= turns; turn++) {
      const { mark, text } = bed.prompt();
      const sentAt = now();
      let said = "";
      for await (const event of driver.turn([{ type: "text", text }])) {
        if (event.type !== "block_delta" || event.delta.type !== "text") continue;
        said += event.delta.text;
        if (turn === 0) continue;
        const { mtimeMs } = statSync(transcriptPath(configDir, bed.workspace, sessionId));
        report.turns.push(now() - sentAt);
        report.recordToEvent.push(now() - mtimeMs);
      }
      if (said !== mark) throw new Error(`not the answer to ${mark}: ${said}`);
      await Bun.sleep(gapMs);
    }
    return report;
  } finally {
    await driver.end();
  }
}
