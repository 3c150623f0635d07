/** What the sessions' pages ask for beyond the newest, which the event stream brings. */
import type { SessionFilter, SessionSummary } from "@lodge/shared";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";
import { isLive } from "../../lib/sessions-state.ts";

/** Sessions of one page of older ones. */
const pageSize = 500;

/** Those behind a cursor that the filter lets through, by the page. */
export const olderSessionsQuery = (filter: SessionFilter, cursor: string) =>
  infiniteQueryOptions({
    queryKey: ["older-sessions", filter, cursor],
    queryFn: ({ pageParam }) => answer(api.sessions.get({ query: { ...filter, cursor: pageParam, limit: pageSize } })),
    initialPageParam: cursor,
    getNextPageParam: ({ next }) => next ?? undefined,
    // They rest. One that wakes up comes by the event stream.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

/** Where the older ones begin: behind the last of the newest. */
export function cursorBehind(newest: readonly SessionSummary[]): string | null {
  const resting = newest.filter(({ state }) => !isLive(state));
  const last = resting.reduce<SessionSummary | null>(
    (oldest, session) => (oldest === null || session.lastActiveAt < oldest.lastActiveAt ? session : oldest),
    null,
  );
  return last && `${last.lastActiveAt}-${last.id}`;
}

/** What all sessions have that the list can be filtered by. */
export const choicesQuery = queryOptions({
  queryKey: ["session-choices"],
  queryFn: () => answer(api["session-choices"].get()),
  // Sessions that are new since are known by the event stream.
  staleTime: 60_000,
});

/** One that is not among the newest. */
export const sessionQuery = (id: string) =>
  queryOptions({ queryKey: ["session", id], queryFn: () => answer(api.sessions({ id }).get()) });

export const changeSession = (id: string, change: { title?: string; tags?: string[] }) =>
  answer(api.sessions({ id }).patch(change));
export const forkSession = (id: string, entry: string | null) =>
  answer(api.sessions({ id }).fork.post(entry === null ? {} : { entry }));
export const deleteSession = (id: string) => answer(api.sessions({ id }).delete());
