/** The conversation that a workspace goes on with when its caller names none. */
import type { SessionMode } from "@lodge/shared";
import type { SessionManager } from "../sessions/index.ts";

/** Sessions looked through when the latest is of the other mode. */
const searched = 500;

/**
 * Of one mode only: a client that uses the model without tools shares the folder, but no conversation, with those who
 * work in it.
 *
 * And of one owner only: nobody's conversation goes on with what somebody else said.
 *
 * @param cwd absolute, with its links resolved
 */
export function latestConversation(
  sessions: SessionManager,
  cwd: string,
  mode: SessionMode,
  owner: string | null,
): string | undefined {
  const latest = sessions.latestIn(cwd, owner);
  if (latest === null || latest.mode === mode) return latest?.id;
  const others = sessions
    .list(searched)
    .filter((session) => session.cwd === cwd && session.mode === mode && session.owner === owner);
  return others.toSorted((a, b) => b.lastActiveAt - a.lastActiveAt)[0]?.id;
}
