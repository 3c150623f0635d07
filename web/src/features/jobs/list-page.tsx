/** Runs and jobs: the queue and the history. */
import type { JobState } from "@lodge/shared";
import { Button, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Command } from "../../lib/command.tsx";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { jobsQuery } from "./queries.ts";
import { jobsSearch } from "./search.ts";
import { stateWords } from "./state-label.tsx";
import { JobsTable } from "./table.tsx";
import classes from "./jobs.module.css";

const route = getRouteApi("/work");
const all = "all";

export function JobsPage() {
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(jobsQuery(state));
  const jobs = data?.pages.flatMap((page) => page.jobs);

  return (
    <Page title="Jobs">
      <div className={classes["controls"]}>
        <Select
          size="xs"
          aria-label="Show"
          className={classes["filter"]}
          allowDeselect={false}
          value={state ?? all}
          onChange={(value) => void navigate({ search: jobsSearch({ state: value }), replace: true })}
          data={[
            { value: all, label: "All states" },
            ...(Object.keys(stateWords) as JobState[]).map((name) => ({ value: name, label: stateWords[name] })),
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
      ) : state === undefined ? (
        <FirstJob />
      ) : (
        <Notice title={`No job is ${stateWords[state].toLowerCase()}`}>
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
