/** Which sessions the list shows, in which order and groups. */
import { driverName, limits, type SessionFilter, sessionMode, sessionSource, type SessionSummary } from "@lodge/shared";
import { isLive } from "../../lib/sessions-state.ts";
import { matchesWords, textParam, wordsOf } from "../../lib/text-filter.ts";

/** The states one can filter by, in the order shown. Starting and ending are over too soon to ask for: `live` has them. */
export const stateFilters = ["live", "busy", "waiting", "ready", "hibernated", "ended"] as const;
export type StateFilter = (typeof stateFilters)[number];

/** Apart from its words and state, what a session can be filtered by. */
export const facets = ["workspace", "tag", "model", "mode", "driver", "source"] as const;
export type Facet = (typeof facets)[number];

export type SessionsSearch = { q?: string; state?: StateFilter } & { [facet in Facet]?: string };

/** The search parameters of `/sessions`; whatever else is in the address is dropped. */
export function sessionsSearch(given: Record<string, unknown>): SessionsSearch {
  const q = textParam(given["q"]);
  const state = stateFilters.find((name) => name === given["state"]);
  const chosen = facets.flatMap((facet) => {
    const value = textParam(given[facet])?.slice(0, limits.name);
    return value === undefined || !isPossible(facet, value) ? [] : [[facet, value]];
  });
  return {
    ...(q === undefined ? {} : { q }),
    ...(state === undefined ? {} : { state }),
    ...Object.fromEntries(chosen),
  };
}

const known: { [facet in Facet]?: readonly string[] } = {
  mode: sessionMode.options,
  driver: driverName.options,
  source: sessionSource.options,
};

const isPossible = (facet: Facet, value: string): boolean => known[facet]?.includes(value) ?? true;

/** What the server is asked for, of sessions that this page does not know. */
export function sessionFilter({ state: _state, ...filter }: SessionsSearch): SessionFilter {
  return filter as SessionFilter;
}

/** What there is to choose from: what the server knows of all sessions, and what has come since of those that are here. */
export function choices(
  facet: Facet,
  sessions: readonly SessionSummary[],
  all: { [facet in Facet]?: readonly string[] } = {},
): string[] {
  if (known[facet]) return [...known[facet]];
  const values = sessions.flatMap((session) => valuesOf(session, facet)).filter((value) => value !== "");
  return [...new Set([...values, ...(all[facet] ?? [])])].toSorted();
}

function valuesOf(session: SessionSummary, facet: Facet): string[] {
  if (facet === "tag") return session.tags;
  return [session[facet] ?? ""];
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

/** @param older sessions that are only known as far as somebody scrolled; all of them are hibernated */
export function view(
  sessions: readonly SessionSummary[],
  search: SessionsSearch,
  older: readonly SessionSummary[] = [],
): View {
  const here = new Set(sessions.map(({ id }) => id));
  const words = wordsOf(search.q ?? "");
  const chosen = facets.filter((facet) => search[facet] !== undefined);
  const isLetThrough = (session: SessionSummary): boolean =>
    (words.length === 0 || matchesWords(words, texts(session), session.id)) &&
    chosen.every((facet) => fits(session, facet, search[facet]));
  const found = [...sessions, ...older.filter(({ id }) => !here.has(id))].filter(isLetThrough);
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

function fits(session: SessionSummary, facet: Facet, value: string | undefined): boolean {
  if (value === undefined) return true;
  if (facet === "workspace") return session.workspace === value || session.workspace.startsWith(`${value}/`);
  return valuesOf(session, facet).includes(value);
}

function passes({ state }: SessionSummary, filter: StateFilter): boolean {
  return filter === "live" ? isLive(state) : state.name === filter;
}

function texts({ title, lastWords, workspace, mode, driver, model, tags }: SessionSummary): string[] {
  return [title, lastWords, workspace, mode, driver, model, ...tags];
}
