/** What is to be done when the CLI has no account: log in from here. */
import type { SessionSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answer, api } from "../../lib/api.ts";
import { isLive } from "../../lib/sessions-state.ts";
import { overviewQuery } from "../overview/query.ts";
import { useTerminalPreferences } from "../terminal/preferences.ts";
import { viewerName } from "../terminal/viewer-name.ts";
import classes from "./prompts.module.css";

/** Opens the interactive CLI, where a person types `/login`. */
export function LogIn() {
  const navigate = useNavigate();
  const [preferences] = useTerminalPreferences();
  const open = useMutation({
    mutationFn: () =>
      answer(api.terminals.post({ workspace: "", name: viewerName(preferences.name, navigator.userAgent) })),
    onSuccess: ({ session }) =>
      navigate({ to: "/sessions/$id", params: { id: session.id }, search: { view: "terminal" } }),
  });
  return (
    <>
      <Button size="compact-sm" loading={open.isPending} onClick={() => open.mutate()}>
        Open an interactive session
      </Button>
      <span role="alert">{open.error?.message}</span>
    </>
  );
}

/** On the page of a session. */
export function LoginNotice({ session }: { session: SessionSummary }) {
  const { data: needsLogin } = useQuery({ ...overviewQuery, select: (overview) => overview.needsLogin });
  if (needsLogin !== true) return null;
  const isHere = session.driver === "terminal" && isLive(session.state);
  return (
    <div className={classes["banner"]} role="status">
      <p className={classes["words"]}>
        <strong>The Claude CLI is not logged in.</strong>{" "}
        {isHere ? (
          <>
            Type <code>/login</code> in the terminal here.
          </>
        ) : (
          <>
            No turn can be answered until it is: open an interactive session and type <code>/login</code>.
          </>
        )}
      </p>
      {isHere ? null : <LogIn />}
    </div>
  );
}
