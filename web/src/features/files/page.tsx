/** The files of a workspace: the tree on the left, and what is chosen in it on the right; on a phone one after the other. */
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fromEvent } from "file-selector";
import { type DragEvent, useMemo, useState } from "react";
import { ApiFailure } from "../../lib/api.ts";
import { Notice } from "../../lib/notice.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { usePage } from "../../lib/use-page.ts";
import { FolderTools, ItemActions } from "./actions.tsx";
import { FileView } from "./file-view.tsx";
import { FolderView } from "./folder-view.tsx";
import { useFileChanges, useSessionChanges } from "./follow-changes.ts";
import { marksOf } from "./marks.ts";
import { Missing } from "./missing.tsx";
import { PathDialog, type PathTask } from "./path-dialog.tsx";
import { ancestorsOf, nameOf, parentOf } from "./paths.ts";
import { gitQuery, infoQuery } from "./requests.ts";
import { type Search, SearchFields, SearchResults } from "./search-panel.tsx";
import { filesSearch } from "./search.ts";
import { Tree } from "./tree.tsx";
import { UploadList } from "./upload-list.tsx";
import { useFiles } from "./use-files.ts";
import classes from "./page.module.css";

const route = getRouteApi("/workspaces/$name/files/$");

export function FilesPage() {
  const { name } = route.useParams();
  // A workspace has a page of its own: nothing of the one before stays on it.
  return <Files key={name} workspace={name} />;
}

function Files({ workspace }: { workspace: string }) {
  const { _splat: selected = "" } = route.useParams();
  const title = selected === "" ? `Files of ${workspace}` : nameOf(selected);
  const heading = usePage(selected === "" ? title : `${title} · ${workspace}`);
  const isWide = useMediaQuery("(min-width: 48em)", undefined, { getInitialValueInEffect: false });
  const queryClient = useQueryClient();
  const info = useQuery(infoQuery(workspace, selected));
  const { data: repository } = useQuery(gitQuery(workspace));
  const markOf = useMemo(() => marksOf(repository), [repository]);
  const files = useFiles({ workspace, selected });
  const [task, setTask] = useState<PathTask | null>(null);
  const [search, setSearch] = useState<Search>({ text: "", by: "name" });
  const [active, setActive] = useState<string | null>(null);
  const [dropFolder, setDropFolder] = useState<string | null>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(ancestorsOf(selected).slice(1)));
  const isFolder = info.data?.type === "dir";
  /** Where what is new is made. */
  const folder = isFolder ? selected : parentOf(selected);
  useSessionChanges(workspace);
  useFileChanges(
    workspace,
    useMemo(() => ["", ...open].toReversed(), [open]),
    isFolder ? null : selected,
  );

  // The address leads somewhere else: what it leads to is shown in the tree.
  const [ledTo, setLedTo] = useState(selected);
  if (ledTo !== selected) {
    setLedTo(selected);
    setOpen(new Set([...open, ...ancestorsOf(selected).slice(1)]));
  }

  function fold(path: string, isOpen: boolean): void {
    setActive(path);
    setOpen((now) => {
      const next = new Set(now);
      if (isOpen) next.add(path);
      else next.delete(path);
      return next;
    });
    // It is read again: while it was closed nobody followed it.
    if (isOpen) void queryClient.invalidateQueries({ queryKey: ["files", workspace, "folder", path] });
  }

  const drop = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setDropFolder(folderAt(event.target) ?? folder);
    },
    onDragLeave: (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropFolder(null);
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      const target = dropFolder ?? folder;
      setDropFolder(null);
      void fromEvent(event.nativeEvent).then((list) =>
        files.upload(
          target,
          list.filter((each): each is typeof each & File => each instanceof File),
        ),
      );
    },
  };

  const isTreeShown = isWide || selected === "" || isFolder;
  const isItemShown = isWide || !isTreeShown;
  return (
    <div className={classes["page"]} {...drop}>
      <header className={classes["head"]}>
        <nav className={classes["crumbs"]} aria-label="Breadcrumb">
          <Link to="/workspaces">Workspaces</Link> <span aria-hidden>/</span>{" "}
          <Crumbs workspace={workspace} path={selected} />
        </nav>
        <h1 ref={heading} tabIndex={-1} title={selected}>
          {title}
        </h1>
        {isWide || isTreeShown ? null : (
          <Button
            component={Link}
            to="/workspaces/$name/files/$"
            params={{ name: workspace, _splat: parentOf(selected) } as never}
            size="compact-sm"
            variant="default"
          >
            All files
          </Button>
        )}
      </header>
      <div className={classes["parts"]}>
        {isTreeShown ? (
          <section className={classes["side"]} aria-label="Files of the workspace">
            <SearchFields search={search} onChange={setSearch} />
            {search.text === "" ? (
              <>
                <div className={classes["tools"]}>
                  <FolderTools folder={folder} files={files} onTask={setTask} />
                  {isWide ? null : (
                    <ItemActions workspace={workspace} path={selected} kind="folder" files={files} onTask={setTask} />
                  )}
                </div>
                <div className={classes["tree"]}>
                  <Tree
                    workspace={workspace}
                    open={open}
                    selected={selected}
                    active={active}
                    markOf={markOf}
                    dropFolder={dropFolder}
                    onActive={setActive}
                    onFold={fold}
                    onChoose={(path) => {
                      setActive(path);
                      files.go(path);
                    }}
                    onDelete={(path) => void files.delete(path)}
                    onRename={(path) => setTask({ type: "move", path })}
                  />
                </div>
              </>
            ) : (
              <SearchResults workspace={workspace} search={search} />
            )}
            <UploadList uploads={files.uploads} />
          </section>
        ) : null}
        {isItemShown ? (
          <section className={classes["item"]} aria-label={title}>
            <Item key={selected} workspace={workspace} path={selected} files={files} markOf={markOf} onTask={setTask} />
          </section>
        ) : null}
      </div>
      {task === null ? null : <PathDialog task={task} run={files.run} onClose={() => setTask(null)} />}
    </div>
  );
}

interface ItemProps {
  workspace: string;
  path: string;
  files: ReturnType<typeof useFiles>;
  markOf: ReturnType<typeof marksOf>;
  onTask: (task: PathTask) => void;
}

function Item({ workspace, path, files, markOf, onTask }: ItemProps) {
  const { data: info, error, refetch } = useQuery(infoQuery(workspace, path));
  const search = filesSearch({ ...route.useSearch() });
  if (info === undefined && error === null) return <RowSkeletons label="Loading the file" />;
  if (info === undefined && error instanceof ApiFailure && error.status === 404) {
    return <Missing path={path} create={() => files.create(path)} />;
  }
  if (info === undefined) {
    return (
      <Notice title="It cannot be shown" action={<Button onClick={() => void refetch()}>Try again</Button>}>
        <p>{error?.message}</p>
      </Notice>
    );
  }
  const own = { workspace, path, files };
  const actions = <ItemActions {...own} kind={info.type === "dir" ? "folder" : "file"} onTask={onTask} />;
  if (info.type === "dir") return <FolderView {...own} actions={actions} />;
  return (
    <FileView
      workspace={workspace}
      file={info}
      problem={error?.message ?? null}
      search={search}
      markOf={markOf}
      actions={actions}
    />
  );
}

function Crumbs({ workspace, path }: { workspace: string; path: string }) {
  const folders = path === "" ? [] : ancestorsOf(path);
  return (
    <>
      {folders.map((folder) => (
        <span key={folder}>
          <Link to="/workspaces/$name/files/$" params={{ name: workspace, _splat: folder }}>
            {folder === "" ? workspace : nameOf(folder)}
          </Link>{" "}
          <span aria-hidden>/</span>{" "}
        </span>
      ))}
    </>
  );
}

const folderAt = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>("[data-folder]")?.dataset["folder"] : undefined;
