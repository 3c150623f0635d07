/** One file: what it is, the ways to look at it, and what can be done with it. */
import { Button } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { bytes } from "../../lib/bytes.ts";
import { Notice } from "../../lib/notice.tsx";
import { Ago } from "../../lib/time.tsx";
import { ChangesView, HistoryView } from "./changes-view.tsx";
import { EditView } from "./edit-view.tsx";
import { type File, isEditable, kindOf, viewsOf } from "./kind.ts";
import { letters, type MarkOf, words } from "./marks.ts";
import { nameOf } from "./paths.ts";
import { OfText, Preview, Source } from "./previews.tsx";
import { type Content, contentQuery, gitQuery } from "./requests.ts";
import { type FilesSearch, filesSearch, type FileView as View } from "./search.ts";
import tabs from "../sessions/view-tabs.module.css";
import classes from "./file-view.module.css";

const route = getRouteApi("/workspaces/$name/files/$");

interface FileViewProps {
  workspace: string;
  file: File;
  /** Why no more is known of it than what was: it may be gone. */
  problem: string | null;
  search: FilesSearch;
  markOf: MarkOf;
  /** Buttons that a folder has too. */
  actions: React.ReactNode;
}

const labels: Record<View, string> = { preview: "Preview", source: "Source", changes: "Changes", history: "History" };

export function FileView({ workspace, file, problem, search, markOf, actions }: FileViewProps) {
  const { data: repository } = useQuery(gitQuery(workspace));
  const navigate = route.useNavigate();
  const isEditing = search.edit === true && isEditable(file);
  const setIsEditing = (edit: boolean) =>
    void navigate({ search: (before) => filesSearch({ ...before, edit }), replace: true });
  const views = viewsOf(file, repository !== null && repository !== undefined);
  const view = views.find((each) => each === search.view) ?? views[0] ?? "preview";
  const name = nameOf(file.path);
  const mark = markOf(file.path);
  const own = { workspace, file, name };
  // Tabs that come one after the other would push each other aside.
  const { isPending: areViewsUnknown } = useQuery(gitQuery(workspace));

  // What is being written is kept, whatever became of the file.
  if (problem !== null && !isEditing) {
    return (
      <Notice title={`${name} cannot be shown`}>
        <p>{problem}</p>
      </Notice>
    );
  }

  return (
    <>
      <div className={classes["head"]}>
        <p className={classes["facts"]}>
          {bytes(file.size)} · changed <Ago at={file.modifiedAt} />
          {mark === undefined ? null : (
            <span className={classes["mark"]} title={words[mark]}>
              {letters[mark]}
            </span>
          )}
        </p>
        {isEditing || areViewsUnknown || views.length < 2 ? null : (
          <nav className={tabs["tabs"]} aria-label="What is shown">
            {views.map((each) => (
              <Link
                key={each}
                to="/workspaces/$name/files/$"
                params={{ name: workspace, _splat: file.path }}
                search={each === views[0] ? {} : { view: each }}
                replace
                className={tabs["tab"]}
                // Its own state, not the router's: several of these lead to one address.
                activeProps={{}}
                data-chosen={each === view}
                aria-current={each === view ? "true" : undefined}
              >
                {labels[each]}
              </Link>
            ))}
          </nav>
        )}
        {isEditing ? null : (
          <div className={classes["actions"]}>
            {isEditable(file) ? (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconPencil size={14} aria-hidden />}
                onClick={() => setIsEditing(true)}
              >
                Edit
              </Button>
            ) : null}
            {actions}
          </div>
        )}
      </div>
      <div className={classes["body"]}>
        {isEditing ? (
          <Editing {...own} present={problem === null ? file.etag : null} onClose={() => setIsEditing(false)} />
        ) : view === "changes" ? (
          <ChangesView workspace={workspace} path={file.path} name={name} />
        ) : view === "history" ? (
          <HistoryView workspace={workspace} path={file.path} name={name} />
        ) : view === "source" ? (
          <OfText {...own}>{(text) => <Source text={text} name={name} line={search.line} />}</OfText>
        ) : (
          <Preview {...own} kind={kindOf(file)} />
        )}
      </div>
    </>
  );
}

interface EditingProps {
  workspace: string;
  file: File;
  name: string;
  present: string | null;
  onClose: () => void;
}

/** From the text as it was when editing began: what comes later is compared with it, and never put in its place. */
function Editing({ workspace, file, name, present, onClose }: EditingProps) {
  const { data, error } = useQuery(contentQuery(workspace, file.path));
  const [first, setFirst] = useState<Content | null>(null);
  if (first === null && data !== undefined && data !== null) setFirst(data);
  if (first === null) return <p className={classes["none"]}>{error?.message ?? "Loading the file"}</p>;
  return (
    <EditView workspace={workspace} path={file.path} name={name} content={first} present={present} onClose={onClose} />
  );
}
