/** One run or job: what was asked, what it says, what became of it, and what can be done with it. */
import type { JobDetails } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { cost, dateTime, exact } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { JobOutput } from "./job-output.tsx";
import { cancelJob, jobQuery, retryJob } from "./queries.ts";
import { JobStateLabel } from "./state-label.tsx";
import { Took } from "./took.tsx";
import { useOutput } from "./use-output.ts";
import classes from "./jobs.module.css";

const route = getRouteApi("/work/$id");

export function JobPage() {
  const { id } = route.useParams();
  const { data: job, error } = useQuery(jobQuery(id));
  if (job !== undefined) return <Details key={id} job={job} />;
  return (
    <Page title="Job">
      {error === null ? (
        <RowSkeletons label="Loading the job" />
      ) : (
        <Notice
          title="This job could not be read"
          action={
            <Button component={Link} to="/work" variant="default">
              Go to the jobs
            </Button>
          }
        >
          <p>{error.message}</p>
        </Notice>
      )}
    </Page>
  );
}

function Details({ job }: { job: JobDetails }) {
  const queryClient = useQueryClient();
  const navigate = route.useNavigate();
  const refresh = useCallback(
    () => void queryClient.invalidateQueries({ queryKey: jobQuery(job.id).queryKey }),
    [queryClient, job.id],
  );
  const output = useOutput(job.id, refresh);
  const cancel = useMutation({ mutationFn: () => cancelJob(job.id), onSettled: refresh });
  const retry = useMutation({
    mutationFn: () => retryJob(job.id),
    onSuccess: (made) => navigate({ to: "/work/$id", params: { id: made.job.id } }),
  });
  const over = job.finishedAt !== null;
  const problem = cancel.error ?? retry.error;

  return (
    <>
      <nav className={classes["back"]} aria-label="Breadcrumb">
        <Link to="/work">Jobs</Link> <span aria-hidden>/</span> <code>{job.id}</code>
      </nav>
      <Page title={job.title || "Untitled"} documentTitle={`${job.title || "Untitled"} · Job`}>
        <div className={classes["bar"]}>
          <JobStateLabel state={job.state} />
          <span>
            <Took job={job} />
          </span>
          <div className={classes["buttons"]}>
            {over ? (
              <Button size="xs" loading={retry.isPending} onClick={() => retry.mutate()}>
                Once more
              </Button>
            ) : (
              <Button size="xs" color="red" variant="light" loading={cancel.isPending} onClick={() => cancel.mutate()}>
                Cancel
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              renderRoot={(props) => <Link {...props} to="/work/new" search={{ from: job.id }} />}
            >
              Clone
            </Button>
          </div>
        </div>
        {problem === null ? null : (
          <p role="alert" className={classes["error"]}>
            {problem.message}
          </p>
        )}
        {job.error === null || job.state === "cancelled" ? null : <p className={classes["failure"]}>{job.error}</p>}
        <section aria-labelledby="prompt">
          <h2 id="prompt">Prompt</h2>
          <p className={classes["prompt"]}>{job.form.prompt}</p>
        </section>
        <section aria-labelledby="output">
          <h2 id="output">Output</h2>
          <JobOutput live={output} job={job} />
        </section>
        <Facts job={job} />
      </Page>
    </>
  );
}

function Facts({ job }: { job: JobDetails }) {
  const { form, callback } = job;
  const facts: [name: string, value: React.ReactNode][] = [
    ["Workspace", <WorkspaceName key="workspace" name={job.workspace} />],
    [
      "Session",
      job.sessionId === null ? (
        "none yet"
      ) : (
        <Link key="session" to="/sessions/$id" params={{ id: job.sessionId }}>
          {job.sessionId.slice(0, 8)}
        </Link>
      ),
    ],
    ["Kind", job.kind === "run" ? "run: somebody waited for it" : "job"],
    ["Model", form.model ?? "the server's default"],
    ["Agent", form.agent ?? "none"],
    ["Cost", job.costUsd === null ? (job.finishedAt === null ? "not known yet" : "not known") : cost(job.costUsd)],
    ...(job.tokens === null
      ? []
      : [["Tokens", `${exact(job.tokens.input)} in, ${exact(job.tokens.output)} out`] as [string, string]]),
    ["Budget", form.maxBudgetUsd === undefined ? "none" : cost(form.maxBudgetUsd)],
    ["Time limit", form.timeoutSeconds === undefined ? "none" : `${form.timeoutSeconds} s`],
    ["Made", dateTime(job.createdAt)],
    ["Started", job.startedAt === null ? "not yet" : dateTime(job.startedAt)],
    ["Ended", job.finishedAt === null ? "not yet" : dateTime(job.finishedAt)],
    ["Exit code", job.exitCode ?? "none"],
    ...(job.attempts > 1 ? [["Begun", `${job.attempts} times`] as [string, string]] : []),
    ...(callback === null
      ? []
      : [
          [
            "Webhook",
            `${callback.url}: ${callback.state}, ${callback.attempts} attempts${callback.error === null ? "" : `, ${callback.error}`}`,
          ] as [string, string],
        ]),
    ...(job.metadata === null
      ? []
      : [["Metadata", <code key="metadata">{job.metadata}</code>] as [string, React.ReactNode]]),
  ];
  return (
    <dl className={classes["facts"]}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
