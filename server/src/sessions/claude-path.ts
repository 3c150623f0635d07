/** Where the CLI is: the one that the Agent SDK's platform package carries, or the operator's own. */
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { SessionError } from "./errors.ts";

/**
 * @param configured path of the operator's own CLI
 * @throws SessionError `cli_not_found`, with what to do
 */
export function findClaude(configured: string | undefined): string {
  if (configured !== undefined) {
    if (isExecutable(configured)) return configured;
    throw new SessionError("cli_not_found", `LODGE_CLAUDE: there is no program at ${configured}.`);
  }
  // The platform package is a dependency of the SDK, and so is found from where the SDK stands.
  const fromSdk = createRequire(createRequire(import.meta.url).resolve("@anthropic-ai/claude-agent-sdk"));
  const base = `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}`;
  for (const name of [base, `${base}-musl`]) {
    try {
      const path = fromSdk.resolve(`${name}/claude${process.platform === "win32" ? ".exe" : ""}`);
      if (isExecutable(path)) return path;
    } catch {
      // Not installed for this platform; the next may be.
    }
  }
  throw new SessionError(
    "cli_not_found",
    `The claude CLI for ${process.platform}-${process.arch} is not installed. Run bun install again, or set LODGE_CLAUDE to a CLI of your own.`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
