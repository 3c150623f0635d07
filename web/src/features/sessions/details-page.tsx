import type { SessionSummary } from "@lodge/shared";
/** One session: everything known about it. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { SessionFacts } from "./facts.tsx";
import { StateLabel, stateDetail } from "./state-label.tsx";
import classes from "./details-page.module.css";

const route = getRouteApi("/sessions/$id");

export function SessionPage() {
  const { id } = route.useParams();
  const { data: sessions } = useQuery(sessionsQuery);
  const session = sessions?.find((each) => each.id === id);

  if (session !== undefined) return <Details session={session} />;
  if (sessions === undefined) {
    return (
      <Page title="Session">
        <RowSkeletons label="Loading the session" />
      </Page>
    );
  }
  return (
    <Page title="Session">
      <Notice
        title="This session is not in the list"
        action={
          <Button component={Link} to="/sessions" variant="default">
            Go to the sessions
          </Button>
        }
      >
        <p>
          It was removed, or it is older than the newest sessions that the dashboard keeps. Its id: <code>{id}</code>
        </p>
      </Notice>
    </Page>
  );
}

function Details({ session }: { session: SessionSummary }) {
  const detail = stateDetail(session.state);
  const title = session.title || "Untitled";
  return (
    <>
      <nav className={classes["back"]} aria-label="Breadcrumb">
        <Link to="/sessions">Sessions</Link> <span aria-hidden>/</span> <code>{session.id.slice(0, 8)}</code>
      </nav>
      <Page title={title}>
        <p className={classes["state"]}>
          <StateLabel state={session.state} />
          {detail === null ? null : <span>{detail}</span>}
        </p>
        <section className={classes["words"]} aria-labelledby="last-words">
          <h2 id="last-words">Last words</h2>
          <p>{session.lastWords || "Nothing said yet."}</p>
        </section>
        <SessionFacts session={session} />
      </Page>
    </>
  );
}
