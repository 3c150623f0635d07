/** What the CLI's screen tells of itself at its start, or of why it did not start. */
import { SessionError } from "../../errors.ts";
import type { ProcessInfo } from "../driver.ts";

/**
 * The version and the account stand in the head of the screen; the models that there are do not, so that list is empty.
 * An account that cannot be read is `unknown`; null only when the CLI says that it has none.
 */
export function processInfo(lines: readonly string[]): ProcessInfo {
  const head = lines.findIndex((line) => /\bClaude Code v\d/.test(line));
  const version = /\bClaude Code v(\S+)/.exec(lines[head] ?? "")?.[1];
  const account = / · (\S.*)$/.exec((head < 0 ? "" : lines[head + 1]) ?? "")?.[1];
  const loggedOut = lines.some((line) => /\bNot logged in\b|\bMissing API key\b/i.test(line));
  return { version: version ?? "unknown", models: [], account: loggedOut ? null : (account ?? "unknown") };
}

/** What the CLI says when `--resume` names something that is not there. */
const lostTranscript = /no conversation found|no message found/i;
const screenCapacity = 4000;

/** @param shown what was on the screen last, or the system's own word */
export function startFailure(shown: string, cause?: unknown): SessionError {
  if (/ENOENT|no such file/i.test(shown) && cause !== undefined) {
    return new SessionError("cli_not_found", "The claude CLI was not found. Set LODGE_CLAUDE to its path.", { cause });
  }
  if (lostTranscript.test(shown)) {
    return new SessionError("transcript_unreadable", "The transcript to go on from was not found.");
  }
  return new SessionError("spawn_failed", "The claude CLI could not be started.", {
    cause,
    stderr: shown.slice(-screenCapacity),
  });
}
