/** The list of workspaces. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { FilterField } from "../../lib/filter-field.tsx";
import { count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery, workspacesQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { Deleted } from "./deleted.tsx";
import { FirstWorkspace } from "./first-workspace.tsx";
import { shownWorkspaces, withSessions } from "./list.ts";
import { NewWorkspace } from "./new-workspace.tsx";
import { WorkspacesTable } from "./table.tsx";
import classes from "./page.module.css";

const route = getRouteApi("/workspaces");

export function WorkspacesPage() {
  const { data: listed, error, refetch } = useQuery(workspacesQuery);
  const { data: sessions } = useQuery(sessionsQuery);
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [deleted, setDeleted] = useState<{ name: string; id: string } | null>(null);
  const onDeleted = useCallback((name: string, id: string) => setDeleted({ name, id }), []);
  const workspaces = useMemo(
    () => (listed === undefined || sessions === undefined ? listed : withSessions(listed, sessions)),
    [listed, sessions],
  );

  if (workspaces?.length === 0) {
    return (
      <Page title="Workspaces">
        <FirstWorkspace />
        <NewWorkspace />
      </Page>
    );
  }
  const shown = workspaces === undefined ? undefined : shownWorkspaces(workspaces, q);
  return (
    <Page title="Workspaces" summary={workspaces === undefined ? undefined : count(workspaces.length, "workspace")}>
      <div className={classes["controls"]}>
        <search className={classes["filter"]}>
          <FilterField
            label="Filter workspaces"
            value={q}
            onChange={(next) => void navigate({ search: next === "" ? {} : { q: next }, replace: true })}
          />
        </search>
        <NewWorkspace />
      </div>
      {deleted === null ? null : <Deleted {...deleted} onClose={() => setDeleted(null)} />}
      {shown === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the workspaces" />
        ) : (
          <Notice
            title="The workspaces could not be read"
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            <p>{error.message}</p>
          </Notice>
        )
      ) : shown.length > 0 ? (
        <WorkspacesTable workspaces={shown} onDeleted={onDeleted} />
      ) : (
        <Notice
          title="No workspace matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all {workspaces?.length}
            </Button>
          }
        >
          <p>The filter looks at the name.</p>
        </Notice>
      )}
    </Page>
  );
}
