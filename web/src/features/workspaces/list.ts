/** Which workspaces the list shows, and how the sessions keep its figures current. */
import type { SessionSummary, WorkspaceSummary } from "@lodge/shared";
import { isLive } from "../../lib/sessions-state.ts";
import { matches, textParam } from "../../lib/text-filter.ts";

export interface WorkspacesSearch {
  q?: string;
}

/** The search parameters of `/workspaces`. */
export function workspacesSearch(given: Record<string, unknown>): WorkspacesSearch {
  const q = textParam(given["q"]);
  return q === undefined ? {} : { q };
}

/**
 * The server tells of workspaces only when asked, but of sessions at once, and what changes in this list follows from
 * them: every live session is known here.
 */
export function withSessions(
  workspaces: readonly WorkspaceSummary[],
  sessions: readonly SessionSummary[],
): WorkspaceSummary[] {
  return workspaces.map((workspace) => {
    const own = sessions.filter((session) => session.workspace === workspace.name);
    return {
      ...workspace,
      liveSessions: own.filter(({ state }) => isLive(state)).length,
      lastActiveAt: Math.max(workspace.lastActiveAt, ...own.map(({ lastActiveAt }) => lastActiveAt)),
    };
  });
}

/** Those that the filter lets through: with live sessions first, then by name, so that rows do not wander. */
export function shownWorkspaces(workspaces: readonly WorkspaceSummary[], filter: string): WorkspaceSummary[] {
  return workspaces
    .filter(({ name }) => matches(filter, [name === "" ? "workspaces root" : name]))
    .sort((a, b) => Number(b.liveSessions > 0) - Number(a.liveSessions > 0) || a.name.localeCompare(b.name, "en"));
}
