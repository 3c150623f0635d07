import { IconCircleCheck } from "@tabler/icons-react";
/** What needs a person, each with the way to what is to be done. */
import { Link } from "@tanstack/react-router";
import { count } from "../../lib/format.ts";
import { Elapsed } from "../../lib/time.tsx";
import { LogIn } from "../sessions/login-notice.tsx";
import { stateDetail } from "../sessions/state-label.tsx";
import type { Attention } from "./attention.ts";
import classes from "./page.module.css";

export function AttentionList({ attention }: { attention: readonly Attention[] }) {
  if (attention.length === 0) {
    return (
      <p className={classes["calm"]}>
        <IconCircleCheck size={18} aria-hidden /> Nothing needs you.
      </p>
    );
  }
  return (
    <ul className={classes["attention"]} aria-label="Needs a person">
      {attention.map((each) => (
        <li key={each.type === "prompt" ? each.session.id : each.type}>
          <Item attention={each} />
        </li>
      ))}
    </ul>
  );
}

function Item({ attention }: { attention: Attention }) {
  switch (attention.type) {
    case "not_logged_in":
      return (
        <>
          <strong>The CLI is not logged in.</strong> Open an interactive session and type <code>/login</code>, or set{" "}
          <code>ANTHROPIC_API_KEY</code> for the server. <LogIn />
        </>
      );
    case "full":
      return (
        <>
          <strong>{count(attention.queued, "turn")} in the queue.</strong> All {attention.limit} processes are at work;{" "}
          <code>LODGE_MAX_LIVE</code> allows more where there is memory for them.
        </>
      );
    case "prompt": {
      const { session, since } = attention;
      return (
        <>
          <Link to="/sessions/$id" params={{ id: session.id }}>
            {session.title || "Untitled"}
          </Link>{" "}
          waits <Elapsed since={since} />: {stateDetail(session.state)}
        </>
      );
    }
  }
}
