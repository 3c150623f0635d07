/** Where the terminal is, or what there is instead of one. */
import type { SessionSummary } from "@lodge/shared";
import { lazy, Suspense, useState } from "react";
import { isLive } from "../../lib/sessions-state.ts";
import classes from "./details-page.module.css";

// By far the largest part of the dashboard: not needed to read a transcript.
const TerminalPane = lazy(() => import("../terminal/pane.tsx").then((module) => ({ default: module.TerminalPane })));

export function TerminalPart({ session }: { session: SessionSummary }) {
  const live = isLive(session.state);
  // Once it was there, its last screen stays.
  const [wasLive, setWasLive] = useState(live);
  if (live && !wasLive) setWasLive(true);
  if (!live && !wasLive) {
    return (
      <div className={classes["none"]}>
        <p>
          This session has no process, so there is no terminal to show. Its next message starts one; what was said is in
          the transcript.
        </p>
      </div>
    );
  }
  return (
    <Suspense fallback={null}>
      <TerminalPane session={session} />
    </Suspense>
  );
}
