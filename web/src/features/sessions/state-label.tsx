/** A session's state: a dot and a word, and what else the state knows. */
import type { SessionState, SessionSummary, WaitReason } from "@lodge/shared";
import { IconUser } from "@tabler/icons-react";
import { Elapsed } from "../../lib/time.tsx";
import classes from "./state-label.module.css";

export function StateLabel({ state }: { state: SessionState }) {
  return (
    <span className={classes["state"]} data-state={state.name}>
      <span className={classes["dot"]} aria-hidden />
      <span>{words[state.name]}</span>
      {state.name === "busy" || state.name === "waiting" ? <Elapsed since={state.since} /> : null}
    </span>
  );
}

/** Says that a person has the session to themselves, and who. */
export function AttendedBadge({ attended }: Pick<SessionSummary, "attended">) {
  if (attended === undefined) return null;
  const who = attended.by === null ? "A person" : attended.by;
  return (
    <span className={classes["attended"]} title={`${who} has this session to themselves.`}>
      <IconUser size={13} aria-hidden /> {who}
    </span>
  );
}

/** The second line of the state; null for the states that say it all. */
export function stateDetail(state: SessionState): string | null {
  if (state.name === "waiting") return state.detail === "" ? waitingFor[state.reason] : state.detail;
  if (state.name === "ended") return state.reason;
  return null;
}

const waitingFor: Record<WaitReason, string> = {
  tool: "for the client's tool result",
  permission: "for a permission",
  question: "for an answer to a question",
  dialog: "for an answer to a dialog",
};

const words: Record<SessionState["name"], string> = {
  starting: "Starting",
  ready: "Ready",
  busy: "Busy",
  waiting: "Waiting",
  ending: "Ending",
  hibernated: "Hibernated",
  ended: "Ended",
};
