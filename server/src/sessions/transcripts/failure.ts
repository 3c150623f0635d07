/** Why a transcript could not be read or written, by name. */
import { SessionError } from "../errors.ts";

/** @param message for whatever is not for want of room */
export function transcriptFailure(cause: unknown, message: string): SessionError {
  if (cause instanceof SessionError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SessionError("disk_full", "There is no room left on the server's disk for the session's transcript.", {
      cause,
    });
  }
  return new SessionError("transcript_unreadable", message, { cause });
}
