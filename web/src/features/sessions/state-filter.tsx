/** Chooses the state to show. The numbers are there before one chooses. */
import { Link } from "@tanstack/react-router";
import { exact } from "../../lib/format.ts";
import { sessionsSearch, type StateFilter, stateFilters, type View } from "./filter.ts";
import classes from "./state-filter.module.css";

const words: Record<StateFilter | "all", string> = {
  all: "All",
  live: "Live",
  busy: "Busy",
  waiting: "Waiting",
  ready: "Ready",
  hibernated: "Hibernated",
  ended: "Ended",
};

interface StateFilterBarProps {
  chosen: StateFilter | undefined;
  counts: View["counts"] | undefined;
}

export function StateFilterBar({ chosen, counts }: StateFilterBarProps) {
  return (
    <nav className={classes["bar"]} aria-label="Filter by state">
      {(["all", ...stateFilters] as const).map((name) => (
        <Link
          key={name}
          to="/sessions"
          search={(search) => sessionsSearch({ ...search, state: name })}
          replace
          className={classes["choice"]}
          data-name={name}
          data-any={(counts?.[name] ?? 0) > 0}
          data-chosen={name === (chosen ?? "all")}
          aria-current={name === (chosen ?? "all")}
        >
          {words[name]} <span>{counts === undefined ? "–" : exact(counts[name])}</span>
        </Link>
      ))}
    </nav>
  );
}
