/** What an operator can do to a session: stop its turn, go on with it in a terminal, end its process. */
import type { SessionState, SessionSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { answer, api, ApiFailure } from "../../lib/api.ts";
import { isLive } from "../../lib/sessions-state.ts";
import { TwoClicks } from "../../lib/two-clicks.tsx";
import { useTerminalPreferences } from "../terminal/preferences.ts";
import { viewerName } from "../terminal/viewer-name.ts";
import classes from "./session-actions.module.css";

export function SessionActions({ session }: { session: SessionSummary }) {
  const { id, state, driver, attended } = session;
  const [preferences] = useTerminalPreferences();
  const interrupt = useMutation({ mutationFn: () => answer(api.sessions({ id }).interrupt.post()) });
  const open = useMutation({
    mutationFn: () =>
      answer(api.terminals.post({ resume: id, name: viewerName(preferences.name, navigator.userAgent) })),
  });
  const end = useMutation({ mutationFn: () => answer(api.sessions({ id }).end.post()) });
  const giveBack = useMutation({
    mutationFn: (unsent: "keep" | "drop") => answer(api.sessions({ id }).end.post(undefined, { query: { unsent } })),
  });
  const restart = useMutation({ mutationFn: () => answer(api.sessions({ id }).restart.post()) });
  const all = [interrupt, open, end, restart, giveBack];
  const isPending = all.some((each) => each.isPending);
  const problem = all.find(({ error }) => error !== null)?.error?.message;

  /** Of text in its prompt that nobody sent: the next click gives the session back without. */
  const isSparing = giveBack.error instanceof ApiFailure && giveBack.error.status === 409;

  function run(action: { mutateAsync: () => Promise<unknown> }): void {
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
          title="Goes on with this session in the interactive CLI. Requests that name it are refused, or wait, until you give it back."
          onClick={() => run(open)}
        >
          {isLive(state) ? "Take over" : "Resume in terminal"}
        </Button>
      ) : null}
      {isLive(state) && driver === "terminal" && attended !== undefined ? (
        <Button
          size="compact-sm"
          variant="default"
          disabled={isPending || isWorking(state)}
          title={
            isWorking(state)
              ? "Once its turn is over."
              : "Ends the interactive CLI. Requests that name the session are taken again, and go on from here."
          }
          {...(isSparing ? { variant: "filled", color: "red" } : {})}
          onClick={() => run({ mutateAsync: () => giveBack.mutateAsync(isSparing ? "drop" : "keep") })}
        >
          {isSparing ? "Give back without it" : "Give back"}
        </Button>
      ) : null}
      {isLive(state) ? (
        <TwoClicks
          words="Restart"
          asking="Really restart"
          title={`Ends its process${isWorking(state) ? " and the turn under way" : ""}, and goes on with the session in a new one.`}
          disabled={isPending}
          onConfirm={() => run(restart)}
        />
      ) : null}
      {isLive(state) ? (
        <TwoClicks
          words="End"
          asking="Really end"
          title={`Ends its process${isWorking(state) ? " and the turn under way" : ""}. The session stays, and can be resumed.`}
          disabled={isPending}
          onConfirm={() => run(end)}
        />
      ) : null}
      <span role="alert" className={classes["problem"]}>
        {problem}
      </span>
    </div>
  );
}

const isWorking = ({ name }: SessionState): boolean => name === "busy" || name === "waiting";
