/** The list of sessions, grouped. */
import { Button } from "@mantine/core";
import { useState } from "react";
import type { Group } from "./filter.ts";
import { SessionRow } from "./row.tsx";
import classes from "./table.module.css";

/** Rows of a group at first; the rest is one click away, and the filter reaches all. */
const pageSize = 100;

export function SessionsTable({ groups }: { groups: Group[] }) {
  return (
    // The explicit roles keep it a table for screen readers where a phone's layout takes that away.
    <table role="table" className={classes["table"]} aria-label="Sessions">
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
          <th scope="col" className={classes["costColumn"]}>
            Cost
          </th>
          <th scope="col" className={classes["activeColumn"]}>
            Last active
          </th>
        </tr>
      </thead>
      {groups.map((group) => (
        <Rows key={group.name} group={group} />
      ))}
    </table>
  );
}

function Rows({ group }: { group: Group }) {
  const [shown, setShown] = useState(pageSize);
  const hidden = group.sessions.length - shown;
  return (
    <tbody role="rowgroup">
      <tr role="row" className={classes["group"]}>
        <th role="rowheader" scope="rowgroup" colSpan={8}>
          {group.name} <span>{group.sessions.length}</span>
        </th>
      </tr>
      {group.sessions.slice(0, shown).map((session) => (
        <SessionRow key={session.id} session={session} />
      ))}
      {hidden > 0 ? (
        <tr role="row" className={classes["more"]}>
          <td role="cell" colSpan={8}>
            <Button variant="subtle" size="compact-sm" onClick={() => setShown(shown + pageSize)}>
              Show {Math.min(hidden, pageSize)} more of {hidden}
            </Button>
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}
