/** The sessions that have a process: what each is doing and what it said last. Those at work come first. */
import type { SessionSummary } from "@lodge/shared";
import { IconEye } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { FirstRequest } from "../sessions/first-request.tsx";
import { StateLabel } from "../sessions/state-label.tsx";
import classes from "./page.module.css";

/** Beyond that the list of sessions is the better place. */
const shown = 24;

const urgency: Record<SessionSummary["state"]["name"], number> = {
  waiting: 0,
  busy: 1,
  starting: 2,
  ready: 3,
  ending: 4,
  hibernated: 5,
  ended: 5,
};

export function LiveSessions({ sessions }: { sessions: readonly SessionSummary[] }) {
  if (sessions.length === 0) return <FirstRequest />;
  const ordered = sessions.toSorted(
    (a, b) => urgency[a.state.name] - urgency[b.state.name] || b.startedAt - a.startedAt,
  );
  return (
    <>
      <ul className={classes["sessions"]} aria-label="Live sessions">
        {ordered.slice(0, shown).map((session) => (
          <li key={session.id}>
            <div className={classes["top"]}>
              <StateLabel state={session.state} />
              <span className={classes["workspace"]}>
                <WorkspaceName name={session.workspace} />
              </span>
            </div>
            <Link to="/sessions/$id" params={{ id: session.id }} className={classes["title"]}>
              {session.title || "Untitled"}
            </Link>
            <p>{session.lastWords || "Nothing said yet"}</p>
            <Watchers viewers={session.viewers} />
          </li>
        ))}
      </ul>
      {ordered.length > shown ? (
        <p className={classes["more"]}>
          <Link to="/sessions" search={{ state: "live" }}>
            {ordered.length - shown} more
          </Link>
        </p>
      ) : null}
    </>
  );
}

/** Who looks at its terminal, and which of them types. */
function Watchers({ viewers }: Pick<SessionSummary, "viewers">) {
  if (viewers === undefined) return null;
  const names = [...new Set(viewers.map(({ name, control }) => (control ? `${name} (types)` : name)))].join(", ");
  return (
    <div className={classes["watchers"]} title={`Watched by ${names}`}>
      <IconEye size={14} aria-label="Watched by" />
      <span>{names}</span>
    </div>
  );
}
