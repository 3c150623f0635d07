/** A session's transcript as a chat: live, and as long as it may be. */
import { Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { count } from "../../lib/format.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import type { Store } from "../../lib/store.ts";
import type { ShownMoment } from "../recordings/moments.ts";
import { maxEntries } from "./log.ts";
import { createOpenRows, OpenRowsProvider } from "./open-rows.ts";
import { RowView } from "./row-view.tsx";
import { type Row, rowAt, rowMaker, rowOf, timeOfRow, turnAt } from "./rows.ts";
import { SourceProvider } from "./source.ts";
import { useTranscript } from "./use-transcript.ts";
import classes from "./transcript.module.css";

/** Pixels from the end within which one is taken to be there. */
const endThreshold = 48;
/** Pixels of a row before it has been measured: most are a line or two. */
const rowEstimate = 56;

interface TranscriptProps {
  sessionId: string;
  /** Changes when something may have been written. */
  signal: unknown;
  isLive: boolean;
  isBusy: boolean;
  /** The entry that the address points to. */
  marked: string | null;
  onMark: (id: string) => void;
  /** What the screen beside it shows; null for now. */
  moment: Store<ShownMoment | null>;
  /** Whether there is a screen of a time. */
  canShow: (at: number) => boolean;
  /** Shows it, as it was until the next thing was said. */
  onShow: (at: number, until: number) => void;
}

export function Transcript(props: TranscriptProps) {
  const { sessionId, signal, isLive, isBusy, marked, onMark, moment, canShow, onShow } = props;
  const { view, retry } = useTranscript({ sessionId, signal, isLive });
  const source = useMemo(() => ({ sessionId, isLive }), [sessionId, isLive]);
  const openRows = useMemo(createOpenRows, [sessionId]);
  const makeRows = useMemo(rowMaker, [sessionId]);
  const rows = useMemo(() => makeRows(view.log.entries, isBusy), [makeRows, view.log.entries, isBusy]);
  const scroller = useRef<HTMLDivElement>(null);

  // oxlint-disable-next-line react/incompatible-library -- no compiler memoises here that it could mislead
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowEstimate,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
    paddingStart: 8,
    paddingEnd: 16,
    // Older pages come in above what one reads, and new rows below.
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: endThreshold,
  });

  const hasRows = rows.length > 0;
  // It begins at the end, unless the address says where, and stays there until somebody goes up.
  const staysAtEnd = useRef(marked === null);
  const last = useRef({ top: 0, size: 0 });
  const size = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    // Rows turn out to be of another height than was guessed.
    if (hasRows && size > 0 && staysAtEnd.current) virtualizer.scrollToEnd();
    last.current = { top: scroller.current?.scrollTop ?? 0, size };
  }, [hasRows, size, virtualizer]);

  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [outer, inner] = [scroller.current, content.current];
    if (outer === null || inner === null) return undefined;
    // The list hears of its rows' heights before the page has them, and of its window's not at all.
    const observer = new ResizeObserver(() => {
      if (staysAtEnd.current) outer.scrollTop = outer.scrollHeight;
    });
    observer.observe(inner);
    observer.observe(outer);
    return () => observer.disconnect();
  }, [hasRows]);

  function onScroll(): void {
    const element = scroller.current;
    if (element === null) return;
    const top = element.scrollTop;
    // From the page: the list itself hears of it later.
    if (element.scrollHeight - top - element.clientHeight <= endThreshold) staysAtEnd.current = true;
    // Not what the list itself does when a row changes its height.
    else if (top < last.current.top && size === last.current.size) staysAtEnd.current = false;
    last.current = { top, size };
  }

  const markedRow = marked === null ? -1 : rowOf(rows, marked);
  const shownMark = useRef<string | null>(null);
  useEffect(() => {
    if (marked === null || markedRow < 0 || shownMark.current === marked) return;
    shownMark.current = marked;
    virtualizer.scrollToIndex(markedRow, { align: "center" });
  }, [marked, markedRow, virtualizer]);

  const shownRow = useShownRow(rows, moment);
  const wasShown = useRef(false);
  useEffect(() => {
    if (shownRow !== null) {
      staysAtEnd.current = false;
      virtualizer.scrollToIndex(shownRow, { align: "auto" });
    } else if (wasShown.current) {
      staysAtEnd.current = true;
      virtualizer.scrollToEnd();
    }
    wasShown.current = shownRow !== null;
  }, [shownRow, virtualizer]);

  const show = useCallback(
    (at: number) => {
      const next = rows.map(timeOfRow).find((time) => time !== null && time > at);
      onShow(at, next ?? Number.POSITIVE_INFINITY);
    },
    [rows, onShow],
  );

  const mark = useCallback(
    (id: string) => {
      // It is on the screen: nothing has to move.
      shownMark.current = id;
      onMark(id);
    },
    [onMark],
  );

  if (!hasRows) {
    return (
      <div className={classes["empty"]}>
        {view.problem !== null ? (
          <div role="alert">
            <p>The transcript could not be read. {view.problem}</p>
            <Button size="compact-sm" onClick={retry}>
              Try again
            </Button>
          </div>
        ) : view.status === "loading" ? (
          <RowSkeletons label="Loading the transcript" />
        ) : (
          <p>Nothing has been said yet. What is said shows here as the CLI writes it down.</p>
        )}
      </div>
    );
  }

  return (
    <SourceProvider value={source}>
      <OpenRowsProvider value={openRows}>
        <div className={classes["transcript"]}>
          <Remarks view={view} marked={marked} isMarkFound={markedRow >= 0} onRetry={retry} />
          <div
            ref={scroller}
            className={classes["scroller"]}
            role="log"
            aria-label="Transcript"
            aria-busy={view.status !== "complete"}
            tabIndex={0}
            onScroll={onScroll}
          >
            <div ref={content} className={classes["all"]} style={{ height: size }}>
              {virtualizer.getVirtualItems().map(({ key, index, start }) => {
                const row = rows[index];
                return row === undefined ? null : (
                  <div
                    key={key}
                    ref={virtualizer.measureElement}
                    data-index={index}
                    className={classes["item"]}
                    style={{ transform: `translateY(${start}px)` }}
                  >
                    <RowView
                      row={row}
                      isBusy={isBusy}
                      isMarked={index === markedRow}
                      isShown={index === shownRow}
                      onMark={mark}
                      onShow={canShow(timeOfRow(row) ?? 0) ? show : null}
                    />
                  </div>
                );
              })}
            </div>
          </div>
          {virtualizer.isAtEnd(endThreshold) ? null : (
            <Button
              className={classes["latest"] ?? ""}
              size="compact-sm"
              variant="default"
              leftSection={<IconArrowDown size={14} aria-hidden />}
              onClick={() => {
                staysAtEnd.current = true;
                virtualizer.scrollToEnd();
              }}
            >
              Jump to latest
            </Button>
          )}
        </div>
      </OpenRowsProvider>
    </SourceProvider>
  );
}

/** The row of the moment that the screen shows; null for now. It renders again when it is another row only. */
function useShownRow(rows: readonly Row[], moment: Store<ShownMoment | null>): number | null {
  return useSyncExternalStore(moment.subscribe, () => {
    const shown = moment.get();
    return shown === null ? null : Math.max(0, shown.isTurn ? turnAt(rows, shown.at) : rowAt(rows, shown.at));
  });
}

interface RemarksProps {
  view: ReturnType<typeof useTranscript>["view"];
  marked: string | null;
  isMarkFound: boolean;
  onRetry: () => void;
}

/** What is not as it should be, in a line each. */
function Remarks({ view: { log, status, problem }, marked, isMarkFound, onRetry }: RemarksProps) {
  const remarks = [
    ...(log.skipped > 0
      ? [`${count(log.skipped, "record")} could not be read and ${log.skipped === 1 ? "is" : "are"} missing here.`]
      : []),
    ...(log.older !== null && log.entries.length >= maxEntries
      ? [`Only the latest ${count(maxEntries, "entry").replace("entrys", "entries")} are shown.`]
      : []),
    ...(marked !== null && !isMarkFound && status === "complete"
      ? ["The entry that the address points to is not here."]
      : []),
  ];
  if (remarks.length === 0 && problem === null) return null;
  return (
    <div className={classes["remarks"]}>
      {remarks.map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
      {problem === null ? null : (
        <p role="alert">
          What is new could not be read: {problem}{" "}
          <Button size="compact-xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        </p>
      )}
    </div>
  );
}
