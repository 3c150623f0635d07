import type { AuditEntry } from "@lodge/shared";
/** Entries of the audit as a table. */
import { Link } from "@tanstack/react-router";
import { Ago } from "../../lib/time.tsx";
import { entryWords } from "./words.ts";
import classes from "./audit.module.css";

/** Characters of a session's id that are shown. */
const shownId = 8;

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <table className={classes["table"]} aria-label="Audit">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col" className={classes["wide"]}>
            Session
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td>
              <Ago at={entry.at} />
            </td>
            <td>{entry.who ?? <span className={classes["unknown"]}>not known</span>}</td>
            <td>
              {entryWords(entry)}
              <div className={classes["narrow"]}>
                <SessionLink id={entry.sessionId} />
              </div>
            </td>
            <td className={classes["wide"]}>
              <SessionLink id={entry.sessionId} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SessionLink({ id }: { id: string | null }) {
  if (id === null) return null;
  return (
    <Link to="/sessions/$id" params={{ id }} title={id}>
      <code>{id.slice(0, shownId)}</code>
    </Link>
  );
}
