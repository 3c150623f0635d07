/** The whole server on one page: what needs a person first, then what is going on. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { isLive } from "../../lib/sessions-state.ts";
import { ActiveJobs } from "./active-jobs.tsx";
import { AttentionList } from "./attention-list.tsx";
import { attentionOf } from "./attention.ts";
import { Facts } from "./facts.tsx";
import { LiveSessions } from "./live-sessions.tsx";
import { overviewQuery } from "./query.ts";
import classes from "./page.module.css";

export function OverviewPage() {
  const { data: overview, error, refetch } = useQuery(overviewQuery);
  const { data: sessions } = useQuery(sessionsQuery);
  const live = sessions?.filter(({ state }) => isLive(state));
  const attention = attentionOf(overview, sessions ?? []);

  // All of it at once: what came first would be moved by the rest, and "nothing needs you" might not be true.
  if (overview === undefined && error === null) {
    return (
      <Page title="Overview">
        <RowSkeletons label="Loading the overview" />
      </Page>
    );
  }
  return (
    <Page title="Overview" summary={live === undefined ? undefined : count(live.length, "live session")}>
      <AttentionList attention={attention} />
      {overview === undefined ? (
        <Notice
          title="The state of the server could not be read"
          action={<Button onClick={() => void refetch()}>Try again</Button>}
        >
          <p>{error?.message}</p>
        </Notice>
      ) : (
        <Facts overview={overview} live={live?.length ?? overview.live.sessions} />
      )}
      {overview === undefined ? null : <ActiveJobs jobs={overview.jobs} />}
      <section aria-labelledby="live-now">
        <header className={classes["heading"]}>
          <h2 id="live-now">Live now</h2>
          <Link to="/sessions">All sessions</Link>
        </header>
        {live === undefined ? null : <LiveSessions sessions={live} />}
      </section>
    </Page>
  );
}
