/** The list of sessions: the dashboard's home. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { FilterField } from "../../lib/filter-field.tsx";
import { cost, count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { waitsForPerson } from "../../lib/sessions-state.ts";
import { sessionsSearch, view } from "./filter.ts";
import { FirstRequest } from "./first-request.tsx";
import { StateFilterBar } from "./state-filter.tsx";
import { SessionsTable } from "./table.tsx";
import classes from "./list-page.module.css";

const route = getRouteApi("/sessions");

export function SessionsPage() {
  const { data: sessions } = useQuery(sessionsQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const shown = useMemo(() => (sessions === undefined ? undefined : view(sessions, search)), [sessions, search]);
  const total = useMemo(() => sessions?.reduce((sum, { costUsd }) => sum + costUsd, 0), [sessions]);
  const waiting = sessions?.filter(({ state }) => waitsForPerson(state)).length ?? 0;

  const summary =
    sessions === undefined || total === undefined ? undefined : `${count(sessions.length, "session")} · ${cost(total)}`;

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
        <StateFilterBar chosen={search.state} counts={shown?.counts} />
      </search>
      {shown === undefined ? (
        <RowSkeletons label="Loading the sessions" />
      ) : shown.groups.length > 0 ? (
        <SessionsTable groups={shown.groups} />
      ) : (
        <Notice
          title="No session matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all {sessions?.length}
            </Button>
          }
        >
          <p>The filter looks at title, last words, workspace, mode, driver, model and id.</p>
        </Notice>
      )}
    </Page>
  );
}
