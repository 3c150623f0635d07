/** What is to be said about the terminal, at the lower edge of the last screen that is known. */
import type { TerminalDenial } from "@lodge/shared";
import { Button, CloseButton } from "@mantine/core";
import { useClockText } from "../../lib/clock.ts";
import type { TerminalConnection } from "./connection.ts";
import { type Ending, otherInControl, type TerminalNotice, type TerminalView } from "./view.ts";
import classes from "./pane.module.css";

interface TerminalMessageProps {
  view: TerminalView;
  connection: TerminalConnection | null;
  isLive: boolean;
}

export function TerminalMessage({ view, connection, isLive }: TerminalMessageProps) {
  // The region is always there: one that appears together with its words is not read out.
  return (
    <div className={classes["message"]} role="alert">
      <Words view={view} connection={connection} isLive={isLive} />
    </div>
  );
}

function Words({ view, connection, isLive }: TerminalMessageProps) {
  const { line, notice } = view;
  const retry = (
    <Button size="compact-xs" variant="default" onClick={() => connection?.retry()}>
      Try now
    </Button>
  );
  switch (line.status) {
    case "connecting":
      return null;
    case "reconnecting":
      return (
        <p>
          The line is broken; this is the last known screen. <Wait retryAt={line.retryAt} /> {retry}
        </p>
      );
    case "ended":
      return (
        <p>
          {exitWords(view.state)}
          {endingWords(line.ending, isLive)} {line.ending.type === "no_process" && !isLive ? null : retry}
        </p>
      );
    case "live":
      if (notice === null) return null;
      return (
        <p>
          {noticeWords(notice, view)}{" "}
          {view.canControl && view.role === "viewer" ? (
            <Button size="compact-xs" onClick={() => connection?.takeControl()}>
              Take control
            </Button>
          ) : null}
          <CloseButton size="sm" aria-label="Close" onClick={() => connection?.dismissNotice()} />
        </p>
      );
  }
}

function Wait({ retryAt }: { retryAt: number }) {
  // The browser's clock: the wait is this page's own.
  const text = useClockText(() => {
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    return seconds > 0 ? `Next attempt in ${seconds}s.` : "Trying now.";
  });
  return <span aria-hidden>{text}</span>;
}

/** With what the CLI ended, where that was not as it should be. */
function exitWords(state: TerminalView["state"]): string {
  const code = state?.name === "exited" ? state.code : null;
  return code === null || code === 0 ? "" : `The CLI ended with code ${code}. `;
}

function endingWords(ending: Ending, isLive: boolean): string {
  switch (ending.type) {
    case "no_process":
      return isLive
        ? "The terminal of this session could not be found."
        : "This session has no process at the moment, so there is no terminal. Its next message starts one.";
    case "not_allowed":
      return "The server lets no more viewers in here. Close another page that shows this terminal.";
    case "protocol":
      return "The server and this page do not understand each other: reload the page.";
    case "refused":
      return ending.message;
  }
}

function noticeWords(notice: TerminalNotice, view: TerminalView): string {
  switch (notice.type) {
    case "taken":
      return `${notice.by} has taken the control. You watch.`;
    case "denied":
      return denials[notice.reason];
    case "typed": {
      const holder = otherInControl(view);
      if (!view.canControl) return denials.no_keyboard;
      return holder === null ? denials.not_in_control : `${holder.name} types here. What you typed was not sent.`;
    }
  }
}

const denials: Record<TerminalDenial, string> = {
  viewer_only: "You may watch this terminal, not type into it.",
  no_keyboard: "This is the log of a session that is spoken to by API: there is no keyboard to type on.",
  unread: "The program does not read what is typed: the last of it was not sent.",
  not_in_control: "You do not have the control, so what you typed was not sent.",
};
