/** The tree as rows, one below the other: what is drawn are the few that are seen. */
import type { FolderListing } from "@lodge/shared";
import { joined } from "./paths.ts";

export type TreeRow =
  | {
      kind: "folder" | "file";
      path: string;
      name: string;
      depth: number;
      isOpen: boolean;
      position: number;
      size: number;
    }
  /** Below an open folder: it is being read, could not be, is empty, or has more than is listed. */
  | { kind: "note"; path: string; depth: number; note: "loading" | "empty" | "more" | "failed" };

/** What is known of a folder; undefined until it was read. */
export type Known = FolderListing | "failed" | undefined;

/** @param open paths of the folders that are folded open; the workspace itself always is */
export function treeRows(known: (folder: string) => Known, open: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  add("", 0);
  return rows;

  function add(folder: string, depth: number): void {
    const listing = known(folder);
    if (listing === undefined || listing === "failed") {
      rows.push({ kind: "note", path: folder, depth, note: listing === undefined ? "loading" : "failed" });
      return;
    }
    const size = listing.folders.length + listing.files.length;
    let position = 0;
    for (const name of listing.folders) {
      const path = joined(folder, name);
      const isOpen = open.has(path);
      rows.push({ kind: "folder", path, name, depth, isOpen, position: ++position, size });
      if (isOpen) add(path, depth + 1);
    }
    for (const name of listing.files) {
      rows.push({ kind: "file", path: joined(folder, name), name, depth, isOpen: false, position: ++position, size });
    }
    if (size === 0) rows.push({ kind: "note", path: folder, depth, note: "empty" });
    if (listing.truncated) rows.push({ kind: "note", path: folder, depth, note: "more" });
  }
}

export type TreeMove = { type: "go"; path: string } | { type: "open" | "close"; path: string };

/** What a key does in a tree (WAI-ARIA, tree view): where it goes, or which folder it folds. */
export function treeMove(rows: readonly TreeRow[], at: string | null, key: string): TreeMove | null {
  const items = rows.filter((row) => row.kind !== "note");
  const index = items.findIndex(({ path }) => path === at);
  const item = items[index];
  const go = (to: number): TreeMove | null => {
    const target = items[Math.max(0, Math.min(items.length - 1, to))];
    return target === undefined ? null : { type: "go", path: target.path };
  };
  switch (key) {
    case "ArrowDown":
      return go(index + 1);
    case "ArrowUp":
      return go(index === -1 ? 0 : index - 1);
    case "PageDown":
      return go(index + 20);
    case "PageUp":
      return go(index - 20);
    case "Home":
      return go(0);
    case "End":
      return go(items.length - 1);
    case "ArrowRight":
      if (item?.kind !== "folder") return null;
      return item.isOpen ? go(index + 1) : { type: "open", path: item.path };
    case "ArrowLeft": {
      if (item?.kind === "folder" && item.isOpen) return { type: "close", path: item.path };
      const parent = item === undefined ? -1 : items.findLastIndex(({ depth }, i) => i < index && depth < item.depth);
      return parent === -1 ? null : go(parent);
    }
    default:
      return null;
  }
}
