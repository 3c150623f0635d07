/** A table that reads well as plain text and is Markdown at the same time. */

export interface Column {
  readonly title: string;
  /** Figures stand at the right, words at the left. */
  readonly align: "left" | "right";
}

/** @param rows one cell for each column; missing ones are empty */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((_, index) => escape(row[index] ?? "")));
  const widths = columns.map(({ title }, index) =>
    // Markdown asks for at least three dashes, one of which may be the colon.
    Math.max(3, escape(title).length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${columns.map(({ align }, index) => pad(row[index] ?? "", widths[index] ?? 0, align)).join(" | ")} |`;
  const rule = columns.map(({ align }, index) => {
    const dashes = "-".repeat((widths[index] ?? 0) - 1);
    return align === "right" ? `${dashes}:` : `${dashes}-`;
  });
  return [line(columns.map(({ title }) => escape(title))), line(rule), ...cells.map(line)].join("\n");
}

const pad = (text: string, width: number, align: Column["align"]): string =>
  align === "right" ? text.padStart(width) : text.padEnd(width);

/** A bar in a cell would begin the next one, and a line break would end the row. */
const escape = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
