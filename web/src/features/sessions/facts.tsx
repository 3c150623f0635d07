/** The fields of a session, in groups. */
import type { SessionSource, SessionSummary } from "@lodge/shared";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CopyButton } from "../../lib/copy-button.tsx";
import { cost, dateTime, exact } from "../../lib/format.ts";
import { Ago } from "../../lib/time.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { contextShare } from "./context.ts";
import classes from "./facts.module.css";

export function SessionFacts({ session }: { session: SessionSummary }) {
  return (
    <div className={classes["facts"]}>
      <Facts title="Use">
        <Fact name="Turns">{exact(session.turns)}</Fact>
        <Fact name="Input tokens">{exact(session.inputTokens)}</Fact>
        <Fact name="Output tokens">{exact(session.outputTokens)}</Fact>
        <Fact name="Cost">{cost(session.costUsd)}</Fact>
        <Fact name="Context used">{contextWords(session.context)}</Fact>
      </Facts>
      <Facts title="Set-up">
        <Fact name="Workspace">
          {session.workspace === "" ? (
            <WorkspaceName name="" />
          ) : (
            <Link to="/sessions" search={{ q: session.workspace }}>
              <WorkspaceName name={session.workspace} />
            </Link>
          )}
        </Fact>
        <Fact name="Model">{session.model}</Fact>
        <Fact name="Mode">
          {session.mode === "agent" ? "agent: with tools, in the workspace" : "model: no tools of its own"}
        </Fact>
        <Fact name="Driver">
          {session.driver === "stream" ? "stream: the SDK's protocol" : "terminal: the interactive CLI"}
        </Fact>
      </Facts>
      <Facts title="Life">
        <Fact name="Started">
          <Moment at={session.startedAt} />
        </Fact>
        <Fact name="Last active">
          <Moment at={session.lastActiveAt} />
        </Fact>
        <Fact name="Latest turn">
          {session.source === undefined ? "no turn yet" : `${session.source}: ${sourceMeaning[session.source]}`}
        </Fact>
        <Fact name="Process">{session.pid === undefined ? "none" : `pid ${session.pid}`}</Fact>
        <Fact name="Session id">
          <span className={classes["id"]}>
            <code>{session.id}</code>
            <CopyButton text={session.id} label="Copy the session id" />
          </span>
        </Fact>
      </Facts>
    </div>
  );
}

function contextWords(context: SessionSummary["context"]): string {
  if (context === undefined) return "not known yet";
  if (context.window === undefined) return `${exact(context.tokens)} tokens`;
  return `${exact(context.tokens)} of ${exact(context.window)} tokens (${contextShare(context)}%)`;
}

function Facts({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl>{children}</dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Moment({ at }: { at: number }) {
  return (
    <>
      {dateTime(at)}{" "}
      <span className={classes["ago"]}>
        (<Ago at={at} />)
      </span>
    </>
  );
}

const sourceMeaning: Record<SessionSource, string> = {
  warm: "its process was there",
  spare: "a process kept for new conversations",
  forked: "branched off another session",
  resumed: "woken from its transcript",
  seeded: "made from the messages of the request",
  cold: "a new process",
};
