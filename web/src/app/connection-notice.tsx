/** Says what is wrong when the server is gone for more than a moment, over the last known state, not instead of it. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useClockText } from "../lib/clock.ts";
import { timeOfDay } from "../lib/format.ts";
import type { Connection, LiveFailure } from "../lib/live-events.ts";
import { sessionsQuery } from "../lib/queries.ts";
import { useStore } from "../lib/store.ts";
import { useApp } from "./context.ts";
import classes from "./connection-notice.module.css";

/** Milliseconds that a reconnection may take before it is worth a word; a restart of the server takes about as long. */
const patienceMs = 3000;

type Lost = Extract<Connection, { status: "reconnecting" }>;

export function ConnectionNotice() {
  const { connection } = useApp();
  const state = useStore(connection);
  const lostAt = state.status === "reconnecting" ? state.since : null;
  const [shownFor, setShownFor] = useState<number | null>(null);

  useEffect(() => {
    if (lostAt === null) return undefined;
    const timer = setTimeout(() => setShownFor(lostAt), Math.max(0, lostAt + patienceMs - Date.now()));
    return () => clearTimeout(timer);
  }, [lostAt]);

  const lost = state.status === "reconnecting" && shownFor === state.since ? state : null;
  // The region is always there: one that appears together with its words is not read out.
  return <div role="alert">{lost === null ? null : <Words lost={lost} />}</div>;
}

function Words({ lost }: { lost: Lost }) {
  const { retryNow } = useApp();
  const retry = useStore(retryNow);
  const isKnown = useQuery(sessionsQuery).data !== undefined;
  // The browser's clock, unlike the server's in all other places: the wait is this page's own.
  const wait = useClockText(() => {
    const seconds = Math.ceil((lost.retryAt - Date.now()) / 1000);
    return seconds > 0 ? `Next attempt in ${seconds}s.` : "Trying now.";
  });
  return (
    <div className={classes["notice"]}>
      <div>
        <strong>{explanation[lost.failure](timeOfDay(lost.since))}</strong>{" "}
        {isKnown ? "What you see is the last known state." : null} <span aria-hidden>{wait}</span>
      </div>
      {lost.failure === "protocol" ? (
        <Button size="compact-sm" onClick={() => window.location.reload()}>
          Reload
        </Button>
      ) : (
        <Button size="compact-sm" variant="default" onClick={retry}>
          Try now
        </Button>
      )}
    </div>
  );
}

const explanation: Record<LiveFailure, (since: string) => string> = {
  unreachable: (since) => `No answer from ${window.location.host} since ${since}. Check that Lodge is running there.`,
  refused: (since) => `The server has answered with errors since ${since}. Its log says why.`,
  protocol: () => "The server was updated and this page does not understand it any more. Reload the page.",
};
