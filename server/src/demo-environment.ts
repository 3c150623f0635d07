/** What the CLI is told when a scripted model stands in for the account: nothing of it is kept outside the data folder. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";

export function demoEnvironment(config: Config, model: { url: string; apiKey: string }): Record<string, string> {
  const home = join(config.data, "demo", "home");
  const configDir = join(config.data, "demo", "claude");
  // The CLI keeps sockets and the output of its tools there.
  const temporary = join(config.data, "demo", "tmp");
  for (const folder of [home, configDir, temporary]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    HOME: home,
    CLAUDE_CONFIG_DIR: configDir,
    TMPDIR: temporary,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: model.apiKey,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // Nothing that a scripted model says is done unless a person at this machine asked for it word by word.
    IS_SANDBOX: "1",
  };
}
