/** An edit, line by line. */
import { Button } from "@mantine/core";
import type { Diff, DiffLine } from "./diff.ts";
import { useOpen } from "./open-rows.ts";
import classes from "./diff-view.module.css";

/** Lines at first. */
const shortLines = 12;

export function DiffView({ diff, id }: { diff: Diff; id: string }) {
  const [open, toggle] = useOpen(`${id} diff`);
  const shown = open ? diff.lines : diff.lines.slice(0, shortLines);
  return (
    <div className={classes["diff"]}>
      {/* Reachable by keyboard, since it scrolls sideways. */}
      <div className={classes["lines"]} tabIndex={0} role="region" aria-label={`Changes to ${diff.path}`}>
        <table>
          <tbody>
            {shown.map((line, index) => (
              // Lines have no identity beside their place.
              // oxlint-disable-next-line react/no-array-index-key
              <Line key={index} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {diff.lines.length > shortLines ? (
        <Button variant="subtle" size="compact-xs" onClick={toggle} aria-expanded={open}>
          {open ? "Show less" : `Show all ${diff.lines.length} lines`}
        </Button>
      ) : null}
    </div>
  );
}

const words = { " ": "", "-": "removed", "+": "added", gap: "" } as const;

function Line({ line }: { line: DiffLine }) {
  if (line.type === "gap") {
    return (
      <tr className={classes["gap"]}>
        <td colSpan={3}>⋯</td>
      </tr>
    );
  }
  return (
    <tr data-type={line.type} className={classes["line"]}>
      <td className={classes["number"]}>{line.after ?? line.before ?? ""}</td>
      <td className={classes["sign"]}>
        <span aria-hidden>{line.type}</span>
        <span className={classes["spoken"]}>{words[line.type]}</span>
      </td>
      <td className={classes["text"]}>{line.text || " "}</td>
    </tr>
  );
}
