/** A session's live terminal: its bar, its screen, and on a phone the keys that its keyboard lacks. */
import type { SessionSummary } from "@lodge/shared";
import { useCallback, useEffect, useRef, useState } from "react";
import { isLive } from "../../lib/sessions-state.ts";
import { FindBar } from "./find-bar.tsx";
import { KeyBar } from "./key-bar.tsx";
import { useTerminalPreferences } from "./preferences.ts";
import { TerminalBar } from "./terminal-bar.tsx";
import { TerminalMessage } from "./terminal-message.tsx";
import { useTerminal } from "./use-terminal.ts";
import classes from "./pane.module.css";

/** Milliseconds after which a session that has a process again, as it says, has a terminal too. */
const startMs = 300;
/** Times that this is believed. */
const maxTries = 10;

export function TerminalPane({ session }: { session: SessionSummary }) {
  const pane = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [isFinding, setIsFinding] = useState(false);
  const [preferences, setPreferences] = useTerminalPreferences();
  const onFind = useCallback(() => setIsFinding(true), []);
  const terminal = useTerminal(host, { sessionId: session.id, preferences, onFind });
  const { view, parts, hasSelection, found, isCtrl, setCtrl } = terminal;

  const live = isLive(session.state);
  const isMissing = view.line.status === "ended" && view.line.ending.type === "no_process";
  const tries = useRef(0);
  useEffect(() => {
    if (view.line.status === "live") tries.current = 0;
    if (!live || !isMissing || tries.current === maxTries) return undefined;
    const timer = setTimeout(() => {
      tries.current++;
      parts?.connection.retry();
    }, startMs);
    return () => clearTimeout(timer);
  }, [live, isMissing, parts, view.line]);

  return (
    <div ref={pane} className={classes["pane"]}>
      <TerminalBar
        view={view}
        parts={parts}
        hasSelection={hasSelection}
        preferences={preferences}
        onPreferences={setPreferences}
        onFind={onFind}
        onFullScreen={() => void toggleFullScreen(pane.current)}
      />
      {isFinding && parts !== null ? (
        <FindBar screen={parts.screen} found={found} onClose={() => setIsFinding(false)} />
      ) : null}
      <div className={classes["screen"]} data-line={view.line.status} data-role={view.role}>
        <div ref={host} className={classes["host"]} />
        <TerminalMessage view={view} connection={parts?.connection ?? null} isLive={live} />
      </div>
      {parts === null ? null : <KeyBar parts={parts} isCtrl={isCtrl} setCtrl={setCtrl} />}
    </div>
  );
}

async function toggleFullScreen(element: HTMLElement | null): Promise<void> {
  // Refused where the page may not: nothing to say that the person does not see.
  if (document.fullscreenElement !== null) await document.exitFullscreen().catch(() => {});
  else await element?.requestFullscreen().catch(() => {});
}
