/** Workspaces as a table. A click shows the sessions of one. */
import type { WorkspaceSummary } from "@lodge/shared";
import { IconGitBranch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { Ago } from "../../lib/time.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { NewSession } from "../sessions/new-session.tsx";
import classes from "./page.module.css";

export function WorkspacesTable({ workspaces }: { workspaces: WorkspaceSummary[] }) {
  return (
    <table className={classes["table"]} aria-label="Workspaces">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className={classes["git"]}>
            Git
          </th>
          <th scope="col" className={classes["live"]}>
            Live<span> sessions</span>
          </th>
          <th scope="col" className={classes["active"]}>
            Last active
          </th>
          <th scope="col" className={classes["new"]}>
            <span>New session</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {workspaces.map((workspace) => (
          <Row key={workspace.name} {...workspace} />
        ))}
      </tbody>
    </table>
  );
}

/** By its values: each event makes the list anew, and changes one of a thousand. */
const Row = memo(function Row({ name, git, liveSessions, lastActiveAt }: WorkspaceSummary) {
  return (
    <tr>
      <td>
        <Link to="/sessions" search={name === "" ? {} : { q: name }} className={classes["name"]}>
          <WorkspaceName name={name} />
        </Link>
      </td>
      <td className={classes["git"]}>
        {git ? (
          <span className={classes["badge"]}>
            <IconGitBranch size={14} aria-hidden />
            <span>git</span>
          </span>
        ) : (
          <span aria-label="not a git checkout">–</span>
        )}
      </td>
      <td className={classes["live"]}>
        {liveSessions === 0 ? (
          <span className={classes["none"]}>0</span>
        ) : (
          <span className={classes["some"]}>
            <span aria-hidden />
            {liveSessions}
          </span>
        )}
      </td>
      <td className={classes["active"]}>
        <Ago at={lastActiveAt} />
      </td>
      <td className={classes["new"]}>
        <NewSession workspace={name} />
      </td>
    </tr>
  );
});
