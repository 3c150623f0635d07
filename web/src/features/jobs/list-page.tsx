/** Runs and jobs: the queue and the history. */
import type { JobKind, JobState } from "@lodge/shared";
import { Button, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Command } from "../../lib/command.tsx";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { workspacesQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { jobsQuery } from "./queries.ts";
import { type JobsSearch, jobsSearch } from "./search.ts";
import { stateWords } from "./state-label.tsx";
import { JobsTable } from "./table.tsx";
import classes from "./jobs.module.css";

const route = getRouteApi("/work");
const all = "all";
/** No workspace's name. */
const everywhere = "";

const kindWords: Record<JobKind, string> = { run: "Runs only", job: "Jobs only" };

export function JobsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(jobsQuery(search));
  const jobs = data?.pages.flatMap((page) => page.jobs);
  const isFiltered = Object.keys(search).length > 0;
  const choose = (change: { [K in keyof JobsSearch]: string | null }) =>
    void navigate({ search: (before) => jobsSearch({ ...before, ...change }), replace: true });

  return (
    <Page title="Jobs">
      <div className={classes["controls"]}>
        <Select
          size="xs"
          aria-label="State"
          className={classes["filter"]}
          allowDeselect={false}
          value={search.state ?? all}
          onChange={(state) => choose({ state })}
          data={[
            { value: all, label: "All states" },
            ...(Object.keys(stateWords) as JobState[]).map((name) => ({ value: name, label: stateWords[name] })),
          ]}
        />
        <Select
          size="xs"
          aria-label="Kind"
          className={classes["filter"]}
          allowDeselect={false}
          value={search.kind ?? all}
          onChange={(kind) => choose({ kind })}
          data={[
            { value: all, label: "Runs and jobs" },
            ...(Object.keys(kindWords) as JobKind[]).map((name) => ({ value: name, label: kindWords[name] })),
          ]}
        />
        <Select
          size="xs"
          aria-label="Workspace"
          className={classes["filter"]}
          searchable
          allowDeselect={false}
          value={search.workspace ?? everywhere}
          onChange={(workspace) => choose({ workspace: workspace === everywhere ? null : workspace })}
          data={[
            { value: everywhere, label: "All workspaces" },
            ...[
              ...new Set([
                ".",
                ...workspaces.map(({ name }) => name || "."),
                ...(search.workspace ? [search.workspace] : []),
              ]),
            ].map((name) => ({ value: name, label: name === "." ? "(root)" : name })),
          ]}
        />
        <Button
          size="xs"
          component={Link}
          to="/work/new"
          className={classes["new"]}
          leftSection={<IconPlus size={14} aria-hidden />}
        >
          New job
        </Button>
      </div>
      {jobs === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the jobs" />
        ) : (
          <Notice title="The jobs could not be read" action={<Button onClick={() => void refetch()}>Try again</Button>}>
            <p>{error.message}</p>
          </Notice>
        )
      ) : jobs.length > 0 ? (
        <JobsTable jobs={jobs} />
      ) : !isFiltered ? (
        <FirstJob />
      ) : (
        <Notice
          title="No job matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all
            </Button>
          }
        >
          <p>Jobs are kept for a while after their end, and then forgotten.</p>
        </Notice>
      )}
      {hasNextPage ? (
        <Button variant="default" fullWidth mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      ) : null}
    </Page>
  );
}

function FirstJob() {
  const { origin } = window.location;
  return (
    <Notice title="No jobs yet">
      <p>
        A job is a prompt that is worked off whether or not anybody waits. Hand one in here, or by the API; what became
        of it stays, also when the server is restarted.
      </p>
      <Command
        label="A first job with curl"
        text={`curl ${origin}/execute \\
  -H "Authorization: Bearer <your token>" \\
  -H "Content-Type: application/json" \\
  -d '{"prompt": "Tidy up the notes", "workspace": ""}'`}
      />
    </Notice>
  );
}
