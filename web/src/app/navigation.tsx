/** Where one can go, and what this server is. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { serverQuery, sessionsQuery } from "../lib/queries.ts";
import { isLive, waitsForPerson } from "../lib/sessions-state.ts";
import { places } from "./places.ts";
import classes from "./navigation.module.css";

/** @param props.onChosen on a phone the navigation covers the page, and has to make way for it */
export function Navigation({ onChosen }: { onChosen: () => void }) {
  return (
    <>
      <ul className={classes["list"]}>
        {places.map(({ to, label, Icon }) => (
          <li key={label}>
            <Link
              to={to}
              className={classes["link"]}
              activeOptions={{ includeSearch: false, exact: to === "/" }}
              onClick={onChosen}
            >
              <Icon size={18} stroke={1.7} aria-hidden />
              {label}
              {to === "/sessions" ? <Waiting /> : null}
            </Link>
          </li>
        ))}
      </ul>
      <About />
    </>
  );
}

/** How many sessions wait for somebody: the one number that should reach a person on any page. */
function Waiting() {
  const { data: waiting = 0 } = useQuery({
    ...sessionsQuery,
    select: (sessions) => sessions.filter(({ state }) => waitsForPerson(state)).length,
  });
  if (waiting === 0) return null;
  return <span className={classes["badge"]}>{waiting} waiting</span>;
}

function About() {
  const { data: server } = useQuery(serverQuery);
  const { data: live } = useQuery({
    ...sessionsQuery,
    select: (sessions) => sessions.filter(({ state }) => isLive(state)).length,
  });
  if (server === undefined) return null;
  return (
    <dl className={classes["about"]}>
      <dt>Live sessions</dt>
      <dd>
        {live ?? server.live.sessions} of {server.live.limit}
      </dd>
      <dt>Lodge</dt>
      <dd>{server.version}</dd>
      <dt>Claude CLI</dt>
      <dd>{server.claude.version ?? "not started yet"}</dd>
    </dl>
  );
}
