/** One session in the list: a table row, or a card on a phone. */
import type { SessionSummary } from "@lodge/shared";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { compact, cost, exact } from "../../lib/format.ts";
import { Ago } from "../../lib/time.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { contextBrief, contextShare } from "./context.ts";
import { AttendedBadge, StateLabel, stateDetail } from "./state-label.tsx";
import classes from "./table.module.css";

interface SessionRowProps {
  session: SessionSummary;
  /** Place in the list. */
  index: number;
  measure: (row: HTMLTableRowElement | null) => void;
}

/** Renders again only when its own session has changed: events leave the others the same objects. */
export const SessionRow = memo(function SessionRow({ session, index, measure }: SessionRowProps) {
  const detail = stateDetail(session.state);
  return (
    <tr ref={measure} data-index={index} aria-rowindex={index + 2} className={classes["row"]}>
      <td className={classes["state"]}>
        <StateLabel state={session.state} />
        <AttendedBadge attended={session.attended} />
        {detail === null ? null : (
          <div className={classes["second"]} title={detail}>
            {detail}
          </div>
        )}
      </td>
      <td className={classes["words"]}>
        {/* Its area is the whole row, so that a click anywhere follows a real link: new tabs and middle clicks work. */}
        <div className={classes["heading"]}>
          <Link to="/sessions/$id" params={{ id: session.id }} className={classes["title"]}>
            {session.title || "Untitled"}
          </Link>
          <Tags tags={session.tags} />
        </div>
        {session.lastWords === "" ? (
          <div className={classes["second"]}>Nothing said yet</div>
        ) : (
          <div className={`${classes["second"]} ${classes["tail"]}`}>
            {/* Isolated: only the cut is at the other end, the text itself keeps its direction. */}
            <bdi>{session.lastWords}</bdi>
          </div>
        )}
      </td>
      <td className={classes["workspace"]}>
        <WorkspaceName name={session.workspace} />
      </td>
      <td className={classes["model"]}>
        <div className={classes["clip"]} title={session.model}>
          {session.model}
        </div>
        <div className={classes["second"]}>
          {session.mode} · {session.driver}
        </div>
      </td>
      <td className={classes["number"]} data-label="Turns">
        {exact(session.turns)}
      </td>
      <td
        className={classes["number"]}
        data-label="Tokens"
        title={`${exact(session.inputTokens)} in, ${exact(session.outputTokens)} out`}
      >
        <div>{compact(session.inputTokens + session.outputTokens)}</div>
      </td>
      <td className={classes["number"]} data-label="Context" title={contextTitle(session.context)}>
        <Context context={session.context} />
      </td>
      <td className={classes["number"]} data-label="Cost">
        {cost(session.costUsd)}
      </td>
      <td className={classes["active"]}>
        <Ago at={session.lastActiveAt} />
      </td>
    </tr>
  );
});

/** Tags that a row has room for; all are on the session's page. */
const shownTags = 3;

function Tags({ tags }: Pick<SessionSummary, "tags">) {
  if (tags.length === 0) return null;
  return (
    <span className={classes["tags"]} title={tags.join(", ")}>
      {tags.slice(0, shownTags).map((tag) => (
        <Link key={tag} to="/sessions" search={{ tag }} className={classes["tag"]}>
          {tag}
        </Link>
      ))}
      {tags.length > shownTags ? <small>+{tags.length - shownTags}</small> : null}
    </span>
  );
}

/** From here on a session will soon have to be shortened. */
const nearlyFull = 80;

function Context({ context }: Pick<SessionSummary, "context">) {
  const share = context === undefined ? null : contextShare(context);
  return <span data-full={share !== null && share >= nearlyFull}>{contextBrief(context)}</span>;
}

function contextTitle(context: SessionSummary["context"]): string | undefined {
  if (context === undefined) return undefined;
  const { tokens, window } = context;
  return window === undefined ? `${exact(tokens)} tokens` : `${exact(tokens)} of ${exact(window)} tokens`;
}
