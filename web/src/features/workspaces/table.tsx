/** Workspaces as a table. A click shows the sessions of one. */
import type { WorkspaceDetails, WorkspaceSummary } from "@lodge/shared";
import { ActionIcon } from "@mantine/core";
import { useInViewport, useMediaQuery } from "@mantine/hooks";
import { IconFolderOpen, IconGitBranch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { bytes } from "../../lib/bytes.ts";
import { Ago } from "../../lib/time.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { NewSession } from "../sessions/new-session.tsx";
import { detailsQuery } from "./queries.ts";
import { WorkspaceMenu } from "./workspace-menu.tsx";
import classes from "./page.module.css";

interface WorkspacesTableProps {
  workspaces: WorkspaceSummary[];
  onDeleted: (name: string, id: string) => void;
}

export function WorkspacesTable({ workspaces, onDeleted }: WorkspacesTableProps) {
  const isNarrow = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  return (
    <table className={classes["table"]} aria-label="Workspaces">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className={classes["git"]}>
            Git
          </th>
          <th scope="col" className={classes["size"]}>
            Size
          </th>
          <th scope="col" className={classes["live"]}>
            Live<span> sessions</span>
          </th>
          <th scope="col" className={classes["active"]}>
            Last active
          </th>
          <th scope="col" className={classes["new"]}>
            <span>Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {workspaces.map((workspace) => (
          <Row key={workspace.name} {...workspace} isNarrow={isNarrow} onDeleted={onDeleted} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps extends WorkspaceSummary {
  /** There is no room for columns of what is known of it: it stands below the name. */
  isNarrow: boolean;
  onDeleted: (name: string, id: string) => void;
}

/** By its values: each event makes the list anew, and changes one of a thousand. */
const Row = memo(function Row({ name, git, liveSessions, lastActiveAt, isNarrow, onDeleted }: RowProps) {
  const { ref, inViewport } = useInViewport<HTMLTableRowElement>();
  // Takes the server a walk through the folder: only for what is looked at.
  const { data: details } = useQuery({ ...detailsQuery(name), enabled: inViewport });
  return (
    <tr ref={ref}>
      <td>
        <Link to="/sessions" search={name === "" ? {} : { q: name }} className={classes["name"]}>
          <WorkspaceName name={name} />
        </Link>
        {isNarrow ? (
          <div className={classes["facts"]}>
            <Ago at={lastActiveAt} />
            {details === undefined ? null : <span>{sizeWords(details.size)}</span>}
            {git ? <GitState state={details?.git ?? null} /> : null}
          </div>
        ) : null}
      </td>
      <td className={classes["git"]}>
        {git && !isNarrow ? <GitState state={details?.git ?? null} /> : null}
        {git ? null : <span aria-label="not a git checkout">–</span>}
      </td>
      <td className={classes["size"]}>{details === undefined ? "" : sizeWords(details.size)}</td>
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
        <ActionIcon
          component={Link}
          to="/workspaces/$name/files/$"
          params={{ name, _splat: "" } as never}
          variant="subtle"
          color="gray"
          size="lg"
          // Above the row's own link, which covers all of it.
          style={{ position: "relative", zIndex: 1 }}
          title={`Files of ${name}`}
          aria-label={`Files of ${name}`}
        >
          <IconFolderOpen size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
        <NewSession workspace={name} />
        <WorkspaceMenu name={name} onDeleted={onDeleted} />
      </td>
    </tr>
  );
});

function sizeWords({ bytes: size, truncated }: WorkspaceDetails["size"]): string {
  return truncated ? `over ${bytes(size)}` : bytes(size);
}

/** The branch, and what is not committed or not sent. */
function GitState({ state }: { state: WorkspaceDetails["git"] }) {
  const branch = state === null ? "git" : (state.branch ?? "no branch");
  const notes =
    state === null
      ? []
      : [
          ...(state.changed > 0 ? [`${state.changed}${state.many ? "+" : ""} changed`] : []),
          ...(state.ahead > 0 ? [`${state.ahead} ahead`] : []),
          ...(state.behind > 0 ? [`${state.behind} behind`] : []),
        ];
  return (
    <span className={classes["badge"]} title={[branch, ...notes].join(", ")}>
      <IconGitBranch size={14} aria-hidden />
      <span className={classes["branch"]}>{branch}</span>
      {notes.length === 0 ? null : <small className={classes["notes"]}>{notes.join(", ")}</small>}
    </span>
  );
}
