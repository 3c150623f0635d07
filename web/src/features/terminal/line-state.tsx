/** Whether the screen shows what happens now, and how long a key takes to get there. */
import type { TerminalView } from "./view.ts";
import classes from "./terminal-bar.module.css";

export function LineState({ view }: { view: TerminalView }) {
  return (
    <span className={classes["line"]} data-line={view.line.status} role="status" aria-label="Line to the terminal">
      <span className={classes["dot"]} aria-hidden />
      {words(view)}
      {view.line.status === "live" && view.rttMs !== null ? (
        <span className={classes["rtt"]} title="Round trip to the server" aria-hidden>
          {view.rttMs < 1 ? "<1" : Math.round(view.rttMs)} ms
        </span>
      ) : null}
    </span>
  );
}

function words({ line, role, canControl }: TerminalView): string {
  switch (line.status) {
    case "connecting":
      return "Connecting";
    case "reconnecting":
      return "Reconnecting";
    case "ended":
      return "Not connected";
    case "live":
      return role === "control" ? "You type" : canControl ? "Watching" : "Log";
  }
}
