/** What an operator can do to a session: stop its turn, go on with it in a terminal, end its process. */
import type { SessionState, SessionSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api } from "../../lib/api.ts";
import { isLive } from "../../lib/sessions-state.ts";
import classes from "./session-actions.module.css";

/** Milliseconds for which the second click, which ends the process, is waited for. */
const confirmMs = 4000;

export function SessionActions({ session }: { session: SessionSummary }) {
  const { id, state, driver } = session;
  const interrupt = useMutation({ mutationFn: () => answer(api.sessions({ id }).interrupt.post()) });
  const open = useMutation({ mutationFn: () => answer(api.terminals.post({ resume: id })) });
  const end = useMutation({ mutationFn: () => answer(api.sessions({ id }).end.post()) });
  const all = [interrupt, open, end];
  const isPending = all.some((each) => each.isPending);
  const problem = all.find(({ error }) => error !== null)?.error?.message;

  function run(action: (typeof all)[number]): void {
    for (const each of all) each.reset();
    // What it did shows by itself; what went wrong is in `problem`.
    action.mutateAsync().catch(() => {});
  }

  return (
    <div className={classes["actions"]}>
      {isWorking(state) ? (
        <Button size="compact-sm" variant="default" disabled={isPending} onClick={() => run(interrupt)}>
          Interrupt
        </Button>
      ) : null}
      {!isWorking(state) && (driver === "stream" || !isLive(state)) ? (
        <Button
          size="compact-sm"
          variant="default"
          loading={open.isPending}
          disabled={isPending}
          title="Goes on with this session in the interactive CLI. Requests that name it are refused until you end that."
          onClick={() => run(open)}
        >
          {isLive(state) ? "Take over" : "Resume in terminal"}
        </Button>
      ) : null}
      {isLive(state) ? <End isPending={isPending} isBusy={isWorking(state)} onEnd={() => run(end)} /> : null}
      <span role="alert" className={classes["problem"]}>
        {problem}
      </span>
    </div>
  );
}

const isWorking = ({ name }: SessionState): boolean => name === "busy" || name === "waiting";

/** Two clicks: a turn that is under way is lost. */
function End({ isPending, isBusy, onEnd }: { isPending: boolean; isBusy: boolean; onEnd: () => void }) {
  const [isAsked, setIsAsked] = useState(false);
  useEffect(() => {
    if (!isAsked) return undefined;
    const timer = setTimeout(() => setIsAsked(false), confirmMs);
    return () => clearTimeout(timer);
  }, [isAsked]);
  return (
    <Button
      size="compact-sm"
      variant={isAsked ? "filled" : "default"}
      color={isAsked ? "red" : "gray"}
      disabled={isPending}
      title={`Ends its process${isBusy ? " and the turn under way" : ""}. The session stays, and can be resumed.`}
      onClick={() => {
        setIsAsked(!isAsked);
        if (isAsked) onEnd();
      }}
    >
      {isAsked ? "Really end" : "End"}
    </Button>
  );
}
