/** Which sessions the list shows, in which order and groups. */
import type { SessionSummary } from "@lodge/shared";
import { isLive } from "../../lib/sessions-state.ts";
import { matches, textParam } from "../../lib/text-filter.ts";

/** The states one can filter by, in the order shown. Starting and ending are over too soon to ask for: `live` has them. */
export const stateFilters = ["live", "busy", "waiting", "ready", "hibernated", "ended"] as const;
export type StateFilter = (typeof stateFilters)[number];

export interface SessionsSearch {
  q?: string;
  state?: StateFilter;
}

/** The search parameters of `/sessions`; whatever else is in the address is dropped. */
export function sessionsSearch(given: Record<string, unknown>): SessionsSearch {
  const q = textParam(given["q"]);
  const state = stateFilters.find((name) => name === given["state"]);
  return { ...(q === undefined ? {} : { q }), ...(state === undefined ? {} : { state }) };
}

export interface Group {
  name: "Live" | "Hibernated" | "Ended";
  sessions: SessionSummary[];
}

export interface View {
  /** Only those with sessions. */
  groups: Group[];
  /** How many each state filter would show; the text filter applies. */
  counts: Record<StateFilter | "all", number>;
}

export function view(sessions: readonly SessionSummary[], search: SessionsSearch): View {
  const found = sessions.filter((session) => matches(search.q ?? "", texts(session)));
  const counts = { all: found.length, live: 0, busy: 0, waiting: 0, ready: 0, hibernated: 0, ended: 0 };
  const groups: Group[] = [
    { name: "Live", sessions: [] },
    { name: "Hibernated", sessions: [] },
    { name: "Ended", sessions: [] },
  ];
  const [live, hibernated, ended] = groups as [Group, Group, Group];
  for (const session of found) {
    for (const filter of stateFilters) if (passes(session, filter)) counts[filter]++;
    if (search.state !== undefined && !passes(session, search.state)) continue;
    const group = isLive(session.state) ? live : session.state.name === "hibernated" ? hibernated : ended;
    group.sessions.push(session);
  }
  // By an order that activity does not change: a row must not move away under the pointer while sessions work.
  live.sessions.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1));
  for (const group of [hibernated, ended]) group.sessions.sort((a, b) => b.lastActiveAt - a.lastActiveAt);
  return { groups: groups.filter((group) => group.sessions.length > 0), counts };
}

function passes({ state }: SessionSummary, filter: StateFilter): boolean {
  return filter === "live" ? isLive(state) : state.name === filter;
}

function texts({ title, lastWords, workspace, mode, driver, model, id }: SessionSummary): string[] {
  return [title, lastWords, workspace, mode, driver, model, id];
}
