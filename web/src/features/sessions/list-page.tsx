/** The list of sessions: the dashboard's home. */
import { limits, type SessionSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { IconFileSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { FilterField } from "../../lib/filter-field.tsx";
import { cost, count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { waitsForPerson } from "../../lib/sessions-state.ts";
import { FilterMenu } from "./filter-menu.tsx";
import { sessionFilter, type SessionsSearch, sessionsSearch, type View, view } from "./filter.ts";
import { FirstRequest } from "./first-request.tsx";
import { cursorBehind, olderSessionsQuery } from "./queries.ts";
import { StateFilterBar } from "./state-filter.tsx";
import { SessionsTable } from "./table.tsx";
import classes from "./list-page.module.css";

const route = getRouteApi("/sessions");

export function SessionsPage() {
  const { data: sessions } = useQuery(sessionsQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const older = useOlder(sessions, search);
  const shown = useMemo(
    () => (sessions === undefined ? undefined : view(sessions, search, older.sessions)),
    [sessions, search, older.sessions],
  );
  const waiting = sessions?.filter(({ state }) => waitsForPerson(state)).length ?? 0;

  const summary = useMemo(() => {
    if (shown === undefined) return undefined;
    const spent = shown.groups.flatMap((group) => group.sessions).reduce((sum, { costUsd }) => sum + costUsd, 0);
    const number = shown.groups.reduce((sum, group) => sum + group.sessions.length, 0) + older.unseen.sessions;
    return `${count(number, "session")} · ${cost(spent + older.unseen.costUsd)}`;
  }, [shown, older.unseen]);

  if (sessions?.length === 0) {
    return (
      <Page title="Sessions">
        <FirstRequest />
      </Page>
    );
  }
  return (
    <Page title="Sessions" documentTitle={waiting === 0 ? "Sessions" : `(${waiting}) Sessions`} summary={summary}>
      <search className={classes["filters"]}>
        <div className={classes["field"]}>
          <FilterField
            label="Filter sessions"
            value={search.q ?? ""}
            onChange={(q) => void navigate({ search: (before) => sessionsSearch({ ...before, q }), replace: true })}
          />
        </div>
        <FilterMenu
          sessions={sessions ?? []}
          search={search}
          onChange={(change) =>
            void navigate({ search: (before) => sessionsSearch({ ...before, ...change }), replace: true })
          }
        />
        <Button
          variant="default"
          leftSection={<IconFileSearch size={16} aria-hidden />}
          renderRoot={(props) => (
            <Link to="/sessions/search" search={search.q === undefined ? {} : { q: search.q }} {...props} />
          )}
        >
          Search transcripts
        </Button>
        <StateFilterBar chosen={search.state} counts={withUnseen(shown?.counts, older.unseen.sessions)} />
      </search>
      {shown === undefined ? (
        <RowSkeletons label="Loading the sessions" />
      ) : shown.groups.length > 0 ? (
        <SessionsTable groups={shown.groups} unseen={older.unseen.sessions} onEnd={older.more} />
      ) : (
        <Notice
          title="No session matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all {sessions?.length}
            </Button>
          }
        >
          <p>
            The filter looks at title, last words, tags, workspace, mode, driver and model, and at the beginning of the
            id. What was said before the last words is found by searching the transcripts.
          </p>
        </Notice>
      )}
    </Page>
  );
}

interface Older {
  sessions: SessionSummary[];
  /** What there is beyond the ones that are loaded. */
  unseen: { sessions: number; costUsd: number };
  more: () => void;
}

/** The stream brings the newest sessions; behind those, older ones come as one scrolls. */
function useOlder(newest: readonly SessionSummary[] | undefined, search: SessionsSearch): Older {
  // Where they begin is settled once: what is new meanwhile comes by the stream.
  const [cursor, setCursor] = useState<string | null>(null);
  if (cursor === null && newest !== undefined && newest.length >= limits.sessions) setCursor(cursorBehind(newest));
  const filter = useMemo(() => sessionFilter(search), [search]);
  const isAsked = cursor !== null && (search.state === undefined || search.state === "hibernated");
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    ...olderSessionsQuery(filter, cursor ?? ""),
    enabled: isAsked,
  });
  const sessions = useMemo(() => data?.pages.flatMap((page) => page.sessions) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const unseen = useMemo(() => {
    const total = data?.pages[0]?.total ?? { sessions: 0, costUsd: 0 };
    const spent = sessions.reduce((sum, { costUsd }) => sum + costUsd, 0);
    return {
      sessions: Math.max(0, total.sessions - sessions.length),
      costUsd: Math.max(0, total.costUsd - spent),
    };
  }, [data, sessions]);
  return { sessions, unseen, more };
}

function withUnseen(counts: View["counts"] | undefined, unseen: number): View["counts"] | undefined {
  return counts && { ...counts, all: counts.all + unseen, hibernated: counts.hibernated + unseen };
}
