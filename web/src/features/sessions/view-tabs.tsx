/** Chooses what of a session is shown. */
import { Link } from "@tanstack/react-router";
import { type SessionView, sessionViews } from "./session-search.ts";
import classes from "./view-tabs.module.css";

const words: Record<SessionView | "both", string> = {
  both: "Both",
  terminal: "Terminal",
  transcript: "Transcript",
  recordings: "Recordings",
  details: "Details",
};

/** @param props.isWide there is room for terminal and chat side by side */
export function ViewTabs({ chosen, isWide }: { chosen: SessionView | undefined; isWide: boolean }) {
  const names = [...(isWide ? (["both"] as const) : []), ...sessionViews];
  return (
    <nav className={classes["tabs"]} aria-label="What is shown">
      {names.map((name) => (
        <Link
          key={name}
          from="/sessions/$id"
          to="."
          search={name === "both" ? {} : { view: name }}
          hash={(hash) => hash ?? ""}
          replace
          className={classes["tab"]}
          // Its own state, not the router's: several of these lead to one address.
          activeProps={{}}
          data-chosen={name === (chosen ?? "both")}
          aria-current={name === (chosen ?? "both") ? "true" : undefined}
        >
          {words[name]}
        </Link>
      ))}
    </nav>
  );
}
