/** One session: its terminal, its transcript, and everything else known about it. */
import type { SessionSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useLocation } from "@tanstack/react-router";
import { useCallback } from "react";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { isLive } from "../../lib/sessions-state.ts";
import { usePage } from "../../lib/use-page.ts";
import { Recordings } from "../recordings/recordings.tsx";
import { ScreenThen } from "../recordings/screen-then.tsx";
import { Transcript } from "../transcript/transcript.tsx";
import { Divided } from "./divided.tsx";
import { SessionFacts } from "./facts.tsx";
import { LoginNotice } from "./login-notice.tsx";
import { Prompts } from "./prompts.tsx";
import { sessionQuery } from "./queries.ts";
import { SessionActions } from "./session-actions.tsx";
import { SessionMenu } from "./session-menu.tsx";
import { markedEntry, sessionSearch, type SessionView } from "./session-search.ts";
import { AttendedBadge, StateLabel } from "./state-label.tsx";
import { TerminalPart } from "./terminal-part.tsx";
import { type Moments, useMoments } from "./use-moments.ts";
import { ViewTabs } from "./view-tabs.tsx";
import classes from "./details-page.module.css";

const route = getRouteApi("/sessions/$id");

export function SessionPage() {
  const { id } = route.useParams();
  const { data: sessions } = useQuery(sessionsQuery);
  const newest = sessions?.find((each) => each.id === id);
  // An older one is not told of until something happens to it.
  const older = useQuery({ ...sessionQuery(id), enabled: sessions !== undefined && newest === undefined });
  const session = newest ?? older.data?.session;

  // A session has a page of its own: nothing of the one before stays on it.
  if (session !== undefined) return <Details key={id} session={session} />;
  if (sessions === undefined || older.isLoading) {
    return (
      <Page title="Session">
        <RowSkeletons label="Loading the session" />
      </Page>
    );
  }
  return (
    <Page title="Session">
      <Notice
        title="There is no such session"
        action={
          <Button component={Link} to="/sessions" variant="default">
            Go to the sessions
          </Button>
        }
      >
        <p>
          It was deleted, or never was. Its id: <code>{id}</code>
        </p>
      </Notice>
    </Page>
  );
}

function Details({ session }: { session: SessionSummary }) {
  const title = session.title || "Untitled";
  const heading = usePage(title);
  const marked = useLocation({ select: ({ hash }) => markedEntry(hash) });
  // Read once more: the router leaves in the address what it did not understand.
  const { view: chosen, at } = sessionSearch({ ...route.useSearch() });
  const isWide = useMediaQuery("(min-width: 75em)", undefined, { getInitialValueInEffect: false });
  const shown = parts(chosen, isWide);
  const times = useMoments(session, { at, isSeen: shown.includes("terminal") || shown.includes("recordings") });
  return (
    <div className={classes["page"]}>
      <header className={classes["head"]}>
        <nav className={classes["back"]} aria-label="Breadcrumb">
          <Link to="/sessions">Sessions</Link> <span aria-hidden>/</span>
        </nav>
        <h1 ref={heading} tabIndex={-1} title={title}>
          {title}
        </h1>
        <StateLabel state={session.state} />
        <AttendedBadge attended={session.attended} />
        <SessionActions session={session} />
        <SessionMenu session={session} marked={marked} />
        <ViewTabs chosen={chosen ?? (isWide ? undefined : "transcript")} isWide={isWide} />
      </header>
      <LoginNotice session={session} />
      <Prompts session={session} />
      <Divided
        label="Width of the terminal"
        parts={shown.map((part) => (
          <section key={part} className={classes["part"]} data-part={part} aria-label={labels[part]}>
            <Part part={part} session={session} times={times} />
          </section>
        ))}
      />
    </div>
  );
}

const labels: Record<SessionView, string> = {
  terminal: "Terminal",
  transcript: "Transcript",
  recordings: "Recordings",
  details: "Details",
};

function parts(chosen: SessionView | undefined, isWide: boolean): SessionView[] {
  if (chosen === "recordings" && isWide) return ["recordings", "transcript"];
  if (chosen !== undefined) return [chosen];
  return isWide ? ["terminal", "transcript"] : ["transcript"];
}

function Part({ part, session, times }: { part: SessionView; session: SessionSummary; times: Moments }) {
  switch (part) {
    case "terminal":
      return (
        <>
          <TerminalPart session={session} />
          {times.asked === null ? null : (
            <ScreenThen sessionId={session.id} asked={times.asked} onMoment={times.setMoment} onBack={times.back} />
          )}
        </>
      );
    case "transcript":
      return <TranscriptPart session={session} times={times} />;
    case "recordings":
      return <Recordings sessionId={session.id} asked={times.asked} onMoment={times.setMoment} />;
    case "details":
      return (
        <div className={classes["details"]}>
          <SessionFacts session={session} />
        </div>
      );
  }
}

function TranscriptPart({ session, times }: { session: SessionSummary; times: Moments }) {
  const navigate = route.useNavigate();
  const marked = useLocation({ select: ({ hash }) => markedEntry(hash) });
  const onMark = useCallback(
    (entry: string) =>
      void navigate({ search: (search) => search, hash: `entry=${entry}`, hashScrollIntoView: false, replace: true }),
    [navigate],
  );
  const { state } = session;
  return (
    <Transcript
      sessionId={session.id}
      signal={session}
      isLive={isLive(state)}
      isBusy={state.name === "busy" || state.name === "waiting"}
      marked={marked}
      onMark={onMark}
      moment={times.moment}
      canShow={times.canShow}
      onShow={times.show}
    />
  );
}
