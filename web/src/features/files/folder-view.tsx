/** A folder: what is in it at a glance, what can be done with it, and what was deleted from the workspace. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { bytes } from "../../lib/bytes.ts";
import { count } from "../../lib/format.ts";
import { Ago } from "../../lib/time.tsx";
import { deletedQuery, folderQuery, gitQuery } from "./requests.ts";
import type { Files } from "./use-files.ts";
import classes from "./folder-view.module.css";

interface FolderViewProps {
  workspace: string;
  path: string;
  files: Files;
  actions: React.ReactNode;
}

export function FolderView({ workspace, path, files, actions }: FolderViewProps) {
  const { data: listing, error } = useQuery(folderQuery(workspace, path));
  const { data: repository } = useQuery(gitQuery(workspace));
  return (
    <div className={classes["folder"]}>
      <div className={classes["head"]}>
        <p>
          {error !== null && listing === undefined
            ? error.message
            : listing === undefined
              ? "Loading"
              : `${count(listing.folders.length, "folder")} and ${count(listing.files.length, "file")}`}
        </p>
        <div>{actions}</div>
      </div>
      <div className={classes["body"]}>
        {repository === null || repository === undefined || path !== "" ? null : <GitFacts repository={repository} />}
        <p>Choose a file, or drop files and folders here to upload them{path === "" ? "" : ` to ${path}`}.</p>
        {path === "" ? <Deleted workspace={workspace} files={files} /> : null}
      </div>
    </div>
  );
}

function GitFacts({
  repository: { branch, ahead, behind, changes, truncated },
}: {
  repository: { branch: string | null; ahead: number; behind: number; changes: unknown[]; truncated: boolean };
}) {
  return (
    <p>
      {branch === null ? (
        "No branch is checked out"
      ) : (
        <>
          On branch <strong>{branch}</strong>
        </>
      )}
      {ahead > 0 ? `, ${count(ahead, "commit")} ahead` : ""}
      {behind > 0 ? `, ${count(behind, "commit")} behind` : ""}.{" "}
      {changes.length === 0
        ? "Nothing has changed since the last commit."
        : `${truncated ? "More than " : ""}${count(changes.length, "change")} since the last commit.`}
    </p>
  );
}

function Deleted({ workspace, files }: { workspace: string; files: Files }) {
  const { data: deleted = [] } = useQuery(deletedQuery(workspace));
  if (deleted.length === 0) return null;
  return (
    <section className={classes["deleted"]}>
      <h2>Deleted</h2>
      <p>Kept for seven days at most, and less where it is much.</p>
      <ul>
        {deleted.map(({ id, path, type, bytes: size, deletedAt }) => (
          <li key={id}>
            <span className={classes["path"]}>
              {path}
              {type === "dir" ? "/" : ""}
            </span>
            <span className={classes["facts"]}>
              {bytes(size)} · <Ago at={deletedAt} />
            </span>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Bring back ${path}`}
              onClick={() => void files.undelete(id, path)}
            >
              Bring back
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
