/** How much of what the model can be given at one time a session has used. */
import type { SessionSummary } from "@lodge/shared";
import { compact } from "../../lib/format.ts";

type Context = NonNullable<SessionSummary["context"]>;

/** Per cent; null where it is not known how much there may be. */
export function contextShare({ tokens, window }: Context): number | null {
  return window === undefined ? null : Math.min(100, Math.ceil((100 * tokens) / window));
}

/** A few characters: the share, else the tokens. */
export function contextBrief(context: Context | undefined): string {
  if (context === undefined) return "–";
  const share = contextShare(context);
  return share === null ? compact(context.tokens) : `${share}%`;
}
