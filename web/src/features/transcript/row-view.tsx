/** One line of a transcript. */
import type { TranscriptEntry } from "@lodge/shared";
import { IconChevronRight, IconHistory } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { calendarDay, compact, dateTime, elapsed, exact, timeOfDay } from "../../lib/format.ts";
import { Attachments } from "./attachments.tsx";
import { LongText } from "./long-text.tsx";
import { MarkdownText } from "./markdown.tsx";
import { useOpen } from "./open-rows.ts";
import { type Row, timeOfRow, type TurnUse } from "./rows.ts";
import { ToolRow } from "./tool-row.tsx";
import classes from "./rows.module.css";

interface RowViewProps {
  row: Row;
  /** A turn is under way: a tool without a result still works. */
  isBusy: boolean;
  /** The address points to it. */
  isMarked: boolean;
  /** The screen beside it is shown as it was then. */
  isShown?: boolean;
  /** Makes the address point to an entry; null where an entry has no address of its own. */
  onMark: ((id: string) => void) | null;
  /** Shows the screen as it was at a time; null where there is none of that time. */
  onShow?: ((at: number) => void) | null;
}

export const RowView = memo(function RowView(props: RowViewProps) {
  const { row, isBusy, isMarked, isShown = false, onMark, onShow = null } = props;
  if (row.kind === "day") {
    return (
      <div className={classes["day"]}>
        <span>{calendarDay(row.at)}</span>
      </div>
    );
  }
  if (row.kind === "turn") return <TurnEnd turn={row.turn} />;
  const at = timeOfRow(row);
  const sidechain = row.kind === "tool" ? (row.call ?? row.result)?.sidechain : row.entry.sidechain;
  return (
    <article
      className={classes["row"]}
      data-kind={row.kind}
      data-marked={isMarked}
      data-shown={isShown}
      aria-current={isShown ? "time" : undefined}
    >
      <div className={classes["time"]}>
        {at === null || onShow === null ? null : <ScreenButton at={at} onShow={onShow} />}
        {at === null ? null : <EntryTime at={at} {...(onMark === null ? {} : { onClick: () => onMark(row.key) })} />}
      </div>
      <div className={classes["body"]}>
        {sidechain === true ? <span className={classes["sidechain"]}>subagent</span> : null}
        <Body row={row} isBusy={isBusy} />
      </div>
    </article>
  );
});

function ScreenButton({ at, onShow }: { at: number; onShow: (at: number) => void }) {
  const label = `The screen at ${timeOfDay(at)}`;
  return (
    <button type="button" className={classes["screen"]} title={label} aria-label={label} onClick={() => onShow(at)}>
      <IconHistory size={15} stroke={1.7} aria-hidden />
    </button>
  );
}

function EntryTime({ at, onClick }: { at: number; onClick?: () => void }) {
  const time = (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {timeOfDay(at)}
    </time>
  );
  if (onClick === undefined) return time;
  return (
    <button type="button" onClick={onClick} aria-label={`Link to this entry, ${timeOfDay(at)}`}>
      {time}
    </button>
  );
}

function Body({ row, isBusy }: { row: Exclude<Row, { kind: "day" | "turn" }>; isBusy: boolean }) {
  switch (row.kind) {
    case "user":
      return (
        <div className={classes["user"]}>
          <LongText entry={row.entry} text={textOf} lines={30} characters={4000}>
            {(text) => <p>{text}</p>}
          </LongText>
          <Attachments attachments={row.entry.attachments} />
        </div>
      );
    case "text":
      return (
        <LongText entry={row.entry} text={textOf} lines={200} characters={8000}>
          {(text) => <MarkdownText text={text} />}
        </LongText>
      );
    case "thinking":
      if (row.entry.text === "") return <p className={classes["none"]}>Thinking that is not shown to anybody</p>;
      return (
        <Foldable id={row.key} title="Thinking">
          <LongText entry={row.entry} text={textOf} lines={60} characters={8000}>
            {(text) => <p className={classes["thinking"]}>{text}</p>}
          </LongText>
        </Foldable>
      );
    case "tool":
      return <ToolRow row={row} isBusy={isBusy} />;
    case "notice":
      if (row.entry.text === "") return <p className={classes["notice"]}>{row.entry.title}</p>;
      return (
        <Foldable id={row.key} title={row.entry.title} isOpen={row.entry.level === "error"} level={row.entry.level}>
          <LongText entry={row.entry} text={textOf} lines={20} characters={2000}>
            {(text) => <p className={classes["thinking"]}>{text}</p>}
          </LongText>
        </Foldable>
      );
  }
}

const textOf = (entry: Extract<TranscriptEntry, { text: string }>): string => entry.text;

interface FoldableProps {
  id: string;
  title: string;
  isOpen?: boolean;
  level?: "info" | "error";
  children: ReactNode;
}

function Foldable({ id, title, isOpen = false, level = "info", children }: FoldableProps) {
  const [open, toggle] = useOpen(id, isOpen);
  return (
    <>
      <button type="button" className={classes["fold"]} data-level={level} aria-expanded={open} onClick={toggle}>
        <IconChevronRight size={14} aria-hidden className={classes["chevron"]} />
        <span className={classes["summary"]}>{title}</span>
      </button>
      {open ? <div className={classes["inside"]}>{children}</div> : null}
    </>
  );
}

function TurnEnd({ turn }: { turn: TurnUse }) {
  return (
    <div className={classes["turn"]} title={`${turn.model} · ${exact(turn.contextTokens)} tokens in context`}>
      {turn.durationMs < 1000 ? "<1s" : elapsed(turn.durationMs)} · {compact(turn.outputTokens)} tokens out ·{" "}
      {compact(turn.contextTokens)} in context
    </div>
  );
}
