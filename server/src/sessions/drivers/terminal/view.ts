/** What the CLI shows, recognised from the lines of its screen: pure, so that recorded screens can test it. */

export type View =
  /** It takes input. */
  | { type: "box"; empty: boolean; busy: boolean }
  /** It asks something and takes no prompt until that is answered. */
  | { type: "dialog"; dialog: Dialog }
  /** Anything else: it is still starting, or shows an editor. */
  | { type: "other" };

export interface Dialog {
  title: string;
  /** What stands above its options. */
  detail: string;
  options: string[];
  /** Index of the option that Enter would choose. */
  selected: number;
}

/** The input box stands between two rules. A rule may carry words: the session's name, or how much is out of sight. */
const rule = /^(?:[─▔]{10}|─── [↑↓] \d+ more ─)/;
const scrolledRule = /^─── ↑ /;
const boxPrompt = /^[❯!>](?:\s|$)/;
const selectedOption = /^(\s*)❯ (?:(\d+)\. )?(\S.*)$/;
const numberedOption = /^\s*(?:❯ )?\s*(\d+)\. (\S.*)$/;
const dialogHint = /\b(?:Enter to (?:confirm|select|continue)|Esc to (?:cancel|exit|go back))\b/i;
/** Column of the first character in the input box. */
const boxColumn = 2;

export function recognise(lines: readonly string[], cursor: { x: number; y: number }): View {
  const box = findBox(lines);
  if (box) {
    return {
      type: "box",
      empty: cursor.y === box.first && cursor.x === boxColumn,
      busy: lines.slice(box.last + 1).some((line) => /\besc to interrupt\b/i.test(line)),
    };
  }
  const dialog = findDialog(lines);
  return dialog ? { type: "dialog", dialog } : { type: "other" };
}

function findBox(lines: readonly string[]): { first: number; last: number } | undefined {
  let bottom = -1;
  for (let row = lines.length - 1; row >= 0; row--) {
    if (!rule.test(lines[row] ?? "")) continue;
    if (bottom >= 0 && (boxPrompt.test(lines[row + 1] ?? "") || scrolledRule.test(lines[row] ?? "")))
      return { first: row + 1, last: bottom };
    bottom = row;
  }
  return undefined;
}

function findDialog(lines: readonly string[]): Dialog | undefined {
  const hint = lines.findLastIndex((line) => dialogHint.test(line));
  // What a dialog says about its keys stands at the end, with nothing of weight below.
  if (hint < 0 || lines.slice(hint + 1).filter((line) => line.trim() !== "").length > 2) return undefined;
  const chosen = lines.slice(0, hint).findLastIndex((line) => selectedOption.test(line));
  const match = selectedOption.exec(lines[chosen] ?? "");
  if (!match) return undefined;
  const rows = match[2] === undefined ? plainOptions(lines, chosen, hint) : numberedOptions(lines, chosen, hint);
  const options = rows.map((row) => optionLabel(lines[row] ?? ""));
  const above = textAbove(lines, rows[0] ?? chosen);
  return {
    title: above.map(questionIn).findLast((question) => question !== null) ?? above[0] ?? options.join(" / "),
    detail: above.join("\n"),
    options,
    selected: rows.indexOf(chosen),
  };
}

/** A line up to the end of its question; what stands behind only explains. */
const questionIn = (line: string): string | null => /^.*\?(?=\s|$)/.exec(line)?.[0] ?? null;

/** Rows of options "1.", "2.", … around the chosen one. */
function numberedOptions(lines: readonly string[], chosen: number, end: number): number[] {
  const rows: number[] = [];
  for (let row = end - 1; row >= 0; row--) {
    const number = Number(numberedOption.exec(lines[row] ?? "")?.[1]);
    if (!Number.isInteger(number)) continue;
    const below = rows[0];
    if (below !== undefined && number !== Number(numberedOption.exec(lines[below] ?? "")?.[1]) - 1) break;
    rows.unshift(row);
    if (number === 1) break;
  }
  return rows.includes(chosen) ? rows : [chosen];
}

/** Options without numbers are the lines in one run whose words begin in the same column as those of the chosen one. */
function plainOptions(lines: readonly string[], chosen: number, end: number): number[] {
  const column = (lines[chosen] ?? "").indexOf("❯") + 2;
  const isOption = (row: number) => {
    const line = lines[row] ?? "";
    return row >= 0 && row < end && line.trim() !== "" && line.search(/\S/) === column;
  };
  let first = chosen;
  while (isOption(first - 1)) first--;
  let last = chosen;
  while (isOption(last + 1)) last++;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const optionLabel = (line: string): string => line.replace(/^\s*(?:❯ )?\s*(?:\d+\. )?/, "").trim();

/** The dialog's own words: from the rule at its head down to its options. */
function textAbove(lines: readonly string[], row: number): string[] {
  const head = lines.slice(0, row).findLastIndex((line) => rule.test(line));
  return lines
    .slice(head + 1, row)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^[╌─▔]+$/.test(line));
}
