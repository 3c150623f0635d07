/** What the dashboard knows of all sessions, and how one event changes it. */
import { type DashboardEvent, limits, type SessionState, type SessionSummary } from "@lodge/shared";

export interface SessionsState {
  /** Of the last event that went in. */
  sequence: number;
  sessions: readonly SessionSummary[];
}

/**
 * The state after an event; null when an event before it is missing, and only a new snapshot helps. Sessions that the
 * event is not about stay the same objects, so that their rows need no new rendering.
 */
export function applyEvent(state: SessionsState | null, event: DashboardEvent): SessionsState | null {
  if (event.type === "snapshot") return { sequence: event.sequence, sessions: event.sessions };
  if (state === null || event.sequence !== state.sequence + 1) return null;
  return { sequence: event.sequence, sessions: sessionsAfter(state.sessions, event) };
}

function sessionsAfter(
  sessions: readonly SessionSummary[],
  event: Exclude<DashboardEvent, { type: "snapshot" }>,
): readonly SessionSummary[] {
  switch (event.type) {
    case "session":
      return put(sessions, event.session);
    case "session_removed":
      return sessions.filter(({ id }) => id !== event.id);
    case "jobs":
      return sessions;
  }
}

function put(sessions: readonly SessionSummary[], session: SessionSummary): readonly SessionSummary[] {
  const at = sessions.findIndex(({ id }) => id === session.id);
  if (at !== -1) return sessions.with(at, session);
  if (sessions.length < limits.sessions) return [session, ...sessions];
  // As the server's snapshot would: the one without a process that rested longest makes room.
  let oldest = -1;
  for (const [index, other] of sessions.entries()) {
    if (isLive(other.state)) continue;
    if (oldest === -1 || other.lastActiveAt < (sessions[oldest]?.lastActiveAt ?? 0)) oldest = index;
  }
  return [session, ...sessions.toSpliced(oldest, 1)];
}

/** Whether the session has a process. */
export function isLive(state: SessionState): boolean {
  return state.name !== "hibernated" && state.name !== "ended";
}

/** Whether somebody has to decide something. A client's tool is answered by the client. */
export function waitsForPerson(state: SessionState): boolean {
  return state.name === "waiting" && state.reason !== "tool";
}
