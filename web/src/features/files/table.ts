/** A file of values with separators between them as a table. */
import Papa from "papaparse";

/** Rows and columns that are shown. */
const maxRows = 2000;
const maxColumns = 100;

export interface Table {
  head: string[];
  rows: string[][];
  /** Rows in all, the head left out. */
  count: number;
}

/** Null where there is nothing in it. */
export function tableOf(text: string): Table | null {
  const { data } = Papa.parse<string[]>(text, { skipEmptyLines: true });
  const [head, ...rows] = data;
  if (head === undefined) return null;
  return {
    head: head.slice(0, maxColumns),
    rows: rows.slice(0, maxRows).map((row) => row.slice(0, maxColumns)),
    count: rows.length,
  };
}
