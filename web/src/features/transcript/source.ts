/** Whose transcript the rows around a component are from. */
import { createContext, useContext } from "react";

export interface TranscriptSource {
  sessionId: string;
  /** A subagent's rather than the session's own. */
  agent?: string;
  /** The session has a process that may write more. */
  isLive: boolean;
}

const context = createContext<TranscriptSource | null>(null);
export const SourceProvider = context.Provider;

export function useSource(): TranscriptSource {
  const source = useContext(context);
  if (source === null) throw new Error("useSource outside of SourceProvider");
  return source;
}
