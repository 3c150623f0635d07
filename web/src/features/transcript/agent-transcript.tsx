/** What a subagent did, within the transcript of the session that started it. */
import { useMemo } from "react";
import { RowView } from "./row-view.tsx";
import { rowMaker } from "./rows.ts";
import { SourceProvider, useSource } from "./source.ts";
import { useTranscript } from "./use-transcript.ts";
import classes from "./rows.module.css";

/** Rows of a subagent shown here; it may well have more, and this list is not a virtual one. */
const shownRows = 200;

export function AgentTranscript({ agent }: { agent: string }) {
  const { sessionId, isLive } = useSource();
  const source = useMemo(() => ({ sessionId, agent, isLive }), [sessionId, agent, isLive]);
  const { view } = useTranscript({ ...source, signal: null });
  const makeRows = useMemo(() => rowMaker(), []);
  const rows = useMemo(() => makeRows(view.log.entries, false), [makeRows, view.log.entries]);
  const hidden = Math.max(0, rows.length - shownRows);
  return (
    <SourceProvider value={source}>
      <section className={classes["agent"]} aria-label="What the subagent did">
        <h4>Subagent</h4>
        {view.problem === null ? null : <p role="alert">{view.problem}</p>}
        {hidden > 0 ? <p className={classes["none"]}>{hidden} earlier lines are not shown here.</p> : null}
        {rows.slice(-shownRows).map((row) => (
          <RowView key={row.key} row={row} isBusy={false} isMarked={false} onMark={null} />
        ))}
      </section>
    </SourceProvider>
  );
}
