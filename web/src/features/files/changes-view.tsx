/** What git knows of a file: how it differs from the last commit, and the commits that made it what it is. */
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { Ago } from "../../lib/time.tsx";
import { type DiffOf, diffQuery, historyQuery } from "./requests.ts";
import classes from "./changes-view.module.css";

const Compare = lazy(() => import("./editor/compare.tsx"));

interface GitViewProps {
  workspace: string;
  path: string;
  name: string;
}

export function ChangesView({ workspace, path, name }: GitViewProps) {
  return (
    <Diff
      workspace={workspace}
      name={name}
      of={{ path }}
      labels={{ before: `${name} at the last commit`, after: `${name} now` }}
      same="Nothing has changed since the last commit."
    />
  );
}

export function HistoryView({ workspace, path, name }: GitViewProps) {
  const { data: commits, error } = useQuery(historyQuery(workspace, path));
  const [chosen, setChosen] = useState<string | null>(null);
  if (error !== null) return <p className={classes["none"]}>{error.message}</p>;
  if (commits === undefined) return <RowSkeletons label="Loading the history" />;
  if (commits.length === 0) return <p className={classes["none"]}>No commit has touched this file yet.</p>;
  const commit = commits.find(({ id }) => id === chosen);
  if (commit !== undefined) {
    const of: DiffOf = {
      path: commit.path,
      commit: commit.id,
      ...(commit.previousPath === null ? {} : { previous: commit.previousPath }),
    };
    const short = commit.id.slice(0, 8);
    return (
      <div className={classes["commit"]}>
        <div className={classes["head"]}>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconArrowLeft size={14} aria-hidden />}
            onClick={() => setChosen(null)}
          >
            History
          </Button>
          <p>
            <code>{short}</code> {commit.subject}
          </p>
        </div>
        <Diff
          workspace={workspace}
          name={name}
          of={of}
          labels={{ before: `${name} before ${short}`, after: `${name} after ${short}` }}
          same="Its text is the same before and after."
        />
      </div>
    );
  }
  return (
    <ol className={classes["list"]} aria-label={`Commits that changed ${name}`}>
      {commits.map(({ id, subject, author, at }) => (
        <li key={id}>
          <button type="button" onClick={() => setChosen(id)}>
            <span className={classes["subject"]}>{subject || "(no message)"}</span>
            <span className={classes["facts"]}>
              <code>{id.slice(0, 8)}</code> · {author} · <Ago at={at} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

interface DiffProps {
  workspace: string;
  name: string;
  of: DiffOf;
  labels: { before: string; after: string };
  same: string;
}

function Diff({ workspace, name, of, labels, same }: DiffProps) {
  const { data, error } = useQuery(diffQuery(workspace, of));
  const isWide = useMediaQuery("(min-width: 75em)", undefined, { getInitialValueInEffect: false });
  if (error !== null && data === undefined) return <p className={classes["none"]}>{error.message}</p>;
  if (data === undefined) return <RowSkeletons label="Loading the difference" />;
  const { before, after } = data;
  if (before === null && after === null)
    return <p className={classes["none"]}>It is no text, or too long to be compared.</p>;
  if (before === after) return <p className={classes["none"]}>{same}</p>;
  return (
    <div className={classes["diff"]}>
      <Suspense fallback={<RowSkeletons label="Loading the editor" />}>
        <Compare before={before ?? ""} after={after ?? ""} name={name} labels={labels} isWide={isWide} />
      </Suspense>
    </div>
  );
}
