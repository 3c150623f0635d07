/** The list of sessions, grouped. Only the rows near the screen are there: it may have ten thousand. */
import type { SessionSummary } from "@lodge/shared";
import { useMediaQuery } from "@mantine/hooks";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { exact } from "../../lib/format.ts";
import type { Group } from "./filter.ts";
import { SessionRow } from "./row.tsx";
import classes from "./table.module.css";

/** Pixels of a row before it has been measured. */
const rowEstimate = 55;
const groupEstimate = 48;
/** Pixels between the cards of a phone; the table's own style says the same. */
const cardGap = 8;
/** Rows before the end at which more are asked for. */
const ahead = 40;

type Item = { type: "group"; group: Group; count: number } | { type: "session"; session: SessionSummary };

interface SessionsTableProps {
  groups: Group[];
  /** How many hibernated sessions there are beyond the ones in `groups`. */
  unseen: number;
  /** Called when the end of what is there comes near. */
  onEnd: () => void;
}

export function SessionsTable({ groups, unseen, onEnd }: SessionsTableProps) {
  const items = useMemo(() => itemsOf(groups, unseen), [groups, unseen]);
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  const areCards = useMediaQuery("(max-width: 62em)", undefined, { getInitialValueInEffect: false });

  // oxlint-disable-next-line react/incompatible-library -- no compiler memoises here that it could mislead
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: (index) => (items[index]?.type === "group" ? groupEstimate : rowEstimate),
    getItemKey: (index) => keyOf(items[index], index),
    overscan: 12,
    scrollMargin: top,
    gap: areCards ? cardGap : 0,
  });
  // What stands above it grows and shrinks with what is chosen there.
  useLayoutEffect(() => {
    setTop((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, [groups, areCards]);

  const shown = virtualizer.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const nearsEnd = unseen > 0 && last >= items.length - ahead;
  useEffect(() => {
    if (nearsEnd) onEnd();
  }, [nearsEnd, onEnd, items.length]);

  const before = (shown[0]?.start ?? top) - top;
  const after = virtualizer.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    // The explicit roles keep it a table for screen readers where a phone's layout takes that away.
    <table ref={table} role="table" className={classes["table"]} aria-label="Sessions" aria-rowcount={items.length + 1}>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" className={classes["stateColumn"]}>
            State
          </th>
          <th scope="col">Session</th>
          <th scope="col" className={classes["workspaceColumn"]}>
            Workspace
          </th>
          <th scope="col" className={classes["modelColumn"]}>
            Model, mode, driver
          </th>
          <th scope="col" className={classes["numberColumn"]}>
            Turns
          </th>
          <th scope="col" className={classes["numberColumn"]}>
            Tokens
          </th>
          <th scope="col" className={classes["numberColumn"]}>
            Context
          </th>
          <th scope="col" className={classes["costColumn"]}>
            Cost
          </th>
          <th scope="col" className={classes["activeColumn"]}>
            Last active
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <Gap height={before} />
        {shown.map(({ index, key }) => {
          const item = items[index];
          if (item === undefined) return null;
          const place = { ref: virtualizer.measureElement, "data-index": index, "aria-rowindex": index + 2 };
          return item.type === "group" ? (
            <tr key={key} role="row" className={classes["group"]} {...place}>
              <th role="rowheader" scope="rowgroup" colSpan={9}>
                {item.group.name} <span>{exact(item.count)}</span>
              </th>
            </tr>
          ) : (
            <SessionRow key={key} session={item.session} index={index} measure={virtualizer.measureElement} />
          );
        })}
        <Gap height={after} />
      </tbody>
    </table>
  );
}

/** Stands for the rows that are not there. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr role="presentation" className={classes["gap"]}>
      <td role="presentation" colSpan={9} style={{ height }} />
    </tr>
  );
}

function itemsOf(groups: readonly Group[], unseen: number): Item[] {
  return groups.flatMap((group) => [
    { type: "group", group, count: group.sessions.length + (group.name === "Hibernated" ? unseen : 0) } as const,
    ...group.sessions.map((session) => ({ type: "session", session }) as const),
  ]);
}

function keyOf(item: Item | undefined, index: number): string | number {
  if (item === undefined) return index;
  return item.type === "group" ? item.group.name : item.session.id;
}
