/** What needs a person, the most urgent first. */
import type { Overview, SessionSummary } from "@lodge/shared";

export type Attention =
  | { type: "not_logged_in" }
  /** Every process that may be is there and works, and turns wait for one. */
  | { type: "full"; queued: number; limit: number }
  | { type: "prompt"; session: SessionSummary; since: number };

export function attentionOf(overview: Overview | undefined, sessions: readonly SessionSummary[]): Attention[] {
  const prompts = sessions.flatMap((session): Extract<Attention, { type: "prompt" }>[] =>
    session.state.name === "waiting" && session.state.reason !== "tool"
      ? [{ type: "prompt", session, since: session.state.since }]
      : [],
  );
  const { needsLogin, live } = overview ?? {};
  return [
    ...(needsLogin === true ? [{ type: "not_logged_in" as const }] : []),
    ...prompts.toSorted((a, b) => a.since - b.since),
    ...(live !== undefined && live.queued > 0
      ? [{ type: "full" as const, queued: live.queued, limit: live.limit }]
      : []),
  ];
}
