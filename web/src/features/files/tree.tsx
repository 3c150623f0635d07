import type { FolderListing } from "@lodge/shared";
/** The files of a workspace as a tree, however many: only the rows that are seen are in the page. */
import { Skeleton } from "@mantine/core";
import {
  IconChevronRight,
  IconFile,
  IconFileCode,
  IconFileText,
  IconFolder,
  IconFolderOpen,
  IconPhoto,
} from "@tabler/icons-react";
import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useId, useMemo, useRef } from "react";
import { letters, type Mark, type MarkOf, words } from "./marks.ts";
import { folderQuery } from "./requests.ts";
import { type Known, treeMove, type TreeRow, treeRows } from "./rows.ts";
import classes from "./tree.module.css";

/** Pixels. */
const rowHeight = { fine: 28, coarse: 40 };

interface TreeProps {
  workspace: string;
  /** Folders that are folded open; the workspace itself always is. */
  open: ReadonlySet<string>;
  /** The file or folder that the page shows. */
  selected: string;
  /** Where the keyboard is. */
  active: string | null;
  markOf: MarkOf;
  /** The folder over which files are dragged. */
  dropFolder: string | null;
  onActive: (path: string) => void;
  onFold: (path: string, isOpen: boolean) => void;
  onChoose: (path: string, kind: "folder" | "file") => void;
  onDelete: (path: string) => void;
  onRename: (path: string) => void;
}

const toKnown = (results: UseQueryResult<FolderListing>[]): Known[] =>
  results.map(({ data, isError }) => data ?? (isError ? "failed" : undefined));

export function Tree({ workspace, open, selected, active, markOf, dropFolder, ...on }: TreeProps) {
  const folders = useMemo(() => ["", ...open], [open]);
  const known = useQueries({ queries: folders.map((path) => folderQuery(workspace, path)), combine: toKnown });
  const rows = useMemo(() => {
    const byPath = new Map(folders.map((path, index) => [path, known[index]]));
    return treeRows((path) => byPath.get(path), open);
  }, [folders, known, open]);
  const scroller = useRef<HTMLDivElement>(null);
  const height = useMemo(
    () => (window.matchMedia("(pointer: coarse)").matches ? rowHeight.coarse : rowHeight.fine),
    [],
  );
  const id = useId();

  // oxlint-disable-next-line react/incompatible-library -- no compiler memoises here that it could mislead
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    paddingStart: 4,
    paddingEnd: 48,
  });

  const indexOf = (path: string | null) => rows.findIndex((row) => row.kind !== "note" && row.path === path);
  const selectedIndex = indexOf(selected);
  const isSelectedShown = selectedIndex >= 0;
  useEffect(() => {
    if (isSelectedShown) virtualizer.scrollToIndex(selectedIndex, { align: "auto" });
    // Once it is there: what is added above it moves nothing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selected, isSelectedShown]);

  function onKeyDown(event: React.KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = active ?? (selected === "" ? null : selected);
    const row = rows[indexOf(at)];
    const move = treeMove(rows, at, event.key);
    if (move !== null) {
      event.preventDefault();
      if (move.type !== "go") return on.onFold(move.path, move.type === "open");
      on.onActive(move.path);
      virtualizer.scrollToIndex(indexOf(move.path), { align: "auto" });
      return;
    }
    if (row === undefined || row.kind === "note") return;
    switch (event.key) {
      case "Enter":
      case " ":
        on.onChoose(row.path, row.kind);
        break;
      case "Delete":
        on.onDelete(row.path);
        break;
      case "F2":
        on.onRename(row.path);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  const items = virtualizer.getVirtualItems();
  const activeItem = items.find(({ index }) => rows[index]?.kind !== "note" && rows[index]?.path === active);
  return (
    <div ref={scroller} className={classes["scroller"]} data-folder="" data-drop={dropFolder === ""}>
      <div
        role="tree"
        aria-label="Files"
        aria-activedescendant={activeItem === undefined ? undefined : `${id}-${activeItem.index}`}
        tabIndex={0}
        className={classes["tree"]}
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {items.map(({ key, index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              className={classes["place"]}
              style={{ height, transform: `translateY(${start}px)` }}
              role="none"
            >
              {row.kind === "note" ? (
                <Note row={row} />
              ) : (
                <Item
                  row={row}
                  id={`${id}-${index}`}
                  isSelected={row.path === selected}
                  isActive={row.path === active}
                  isDropped={row.kind === "folder" && row.path === dropFolder}
                  mark={markOf(row.path)}
                  onFold={on.onFold}
                  onChoose={on.onChoose}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface ItemProps extends Pick<TreeProps, "onFold" | "onChoose"> {
  row: Exclude<TreeRow, { kind: "note" }>;
  id: string;
  isSelected: boolean;
  isActive: boolean;
  isDropped: boolean;
  mark: Mark | undefined;
}

const Item = memo(function Item({ row, id, isSelected, isActive, isDropped, mark, onFold, onChoose }: ItemProps) {
  const isFolder = row.kind === "folder";
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.size}
      aria-selected={isSelected}
      {...(isFolder ? { "aria-expanded": row.isOpen } : {})}
      title={mark === undefined ? row.name : `${row.name} ${words[mark]}`}
      className={classes["item"]}
      data-folder={isFolder ? row.path : row.path.slice(0, Math.max(0, row.path.lastIndexOf("/")))}
      data-active={isActive}
      data-drop={isDropped}
      data-mark={mark}
      style={{ paddingInlineStart: `${0.375 + row.depth * 0.875}rem` }}
      onClick={() => {
        if (isFolder) onFold(row.path, !row.isOpen);
        onChoose(row.path, row.kind);
      }}
    >
      {isFolder ? (
        <IconChevronRight size={14} aria-hidden className={classes["chevron"]} data-open={row.isOpen} />
      ) : (
        <span className={classes["chevron"]} />
      )}
      <ItemIcon row={row} />
      <span className={classes["name"]}>{row.name}</span>
      {/* Its words are the title, which is read out as what is said of the item. */}
      {mark === undefined ? null : (
        <span className={classes["mark"]} aria-hidden>
          {letters[mark]}
        </span>
      )}
    </div>
  );
});

const pictures = /\.(png|jpe?g|gif|webp|avif|svg|ico|bmp)$/i;
const papers = /\.(md|txt|pdf|csv|log|rst|adoc)$/i;
const code =
  /\.(\w{0,2}[jt]sx?|json|ya?ml|toml|html?|css|scss|rs|go|py|rb|java|kt|swift|c|cpp|h|hpp|cs|sh|sql|xml|vue)$/i;

function ItemIcon({ row: { kind, isOpen, name } }: Pick<ItemProps, "row">) {
  const look = { size: 16, stroke: 1.6, "aria-hidden": true, className: classes["icon"] ?? "" };
  if (kind === "folder") return isOpen ? <IconFolderOpen {...look} /> : <IconFolder {...look} />;
  if (pictures.test(name)) return <IconPhoto {...look} />;
  if (papers.test(name)) return <IconFileText {...look} />;
  return code.test(name) ? <IconFileCode {...look} /> : <IconFile {...look} />;
}

const noteWords = { empty: "Nothing in it", more: "There is more than is listed here", failed: "Could not be read" };

function Note({ row: { depth, note } }: { row: Extract<TreeRow, { kind: "note" }> }) {
  return (
    <div className={classes["note"]} role="none" style={{ paddingInlineStart: `${1.5 + depth * 0.875}rem` }}>
      {note === "loading" ? <Skeleton height={8} width="8rem" radius="xl" /> : <span>{noteWords[note]}</span>}
    </div>
  );
}
