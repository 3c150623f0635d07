/** What the page does with files, each with its word afterwards and its way back. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { useApp } from "../../app/context.ts";
import type { PathTask } from "./path-dialog.tsx";
import { isWithin, joined, moved, nameOf, parentOf } from "./paths.ts";
import { copy, filesKey, folderQuery, infoQuery, makeFolder, move, remove, restore, writeContent } from "./requests.ts";
import { sendTo } from "./send.ts";
import { createUploads } from "./uploads.ts";

interface UseFilesOptions {
  workspace: string;
  /** What the page shows. */
  selected: string;
}

export function useFiles({ workspace, selected }: UseFilesOptions) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { toasts } = useApp();
  const shown = useRef(selected);
  useEffect(() => {
    shown.current = selected;
  });
  const files = useMemo(() => {
    /** Has folders read again, and all that git says. */
    const refresh = (...folders: string[]) => {
      for (const folder of folders)
        void queryClient.invalidateQueries({ queryKey: folderQuery(workspace, folder).queryKey });
      for (const part of ["git", "deleted"]) {
        void queryClient.invalidateQueries({ queryKey: [...filesKey(workspace), part] });
      }
    };
    /** What is known of a path and all below it does not hold any more. */
    const forget = (path: string) =>
      queryClient.removeQueries({
        predicate: ({ queryKey: [area, name, , at] }) =>
          area === "files" && name === workspace && typeof at === "string" && at !== "" && isWithin(at, path),
      });
    const go = (path: string, replace = false) =>
      void navigate({ to: "/workspaces/$name/files/$", params: { name: workspace, _splat: path }, replace });

    async function undelete(id: string, path: string): Promise<void> {
      try {
        await restore(workspace, id);
        refresh(parentOf(path));
        toasts.done(`${nameOf(path)} is back.`);
      } catch (error) {
        toasts.failed(`${nameOf(path)} could not be brought back. ${(error as Error).message}`);
      }
    }

    async function del(path: string): Promise<void> {
      try {
        const { id } = await remove(workspace, path);
        if (isWithin(shown.current, path)) go(parentOf(path), true);
        forget(path);
        refresh(parentOf(path));
        toasts.done(`${nameOf(path)} was deleted.`, { label: "Undo", run: () => void undelete(id, path) });
      } catch (error) {
        toasts.failed(`${nameOf(path)} was not deleted. ${(error as Error).message}`);
      }
    }

    /** @throws ApiFailure */
    async function run(task: PathTask, path: string): Promise<void> {
      switch (task.type) {
        case "new-file":
          await writeContent(workspace, path, "", "nothing").catch(taken);
          break;
        case "new-folder":
          await makeFolder(workspace, path);
          break;
        case "move":
          await move(workspace, task.path, path);
          if (isWithin(shown.current, task.path)) go(moved(shown.current, task.path, path), true);
          forget(task.path);
          refreshWith(task.path, path);
          toasts.done(`${nameOf(task.path)} is now ${path}.`, {
            label: "Undo",
            run: () => void moveBack(path, task.path),
          });
          return;
        case "copy":
          await copy(workspace, task.path, path);
          toasts.done(`${nameOf(task.path)} was copied.`, { label: "Undo", run: () => void del(path) });
          break;
      }
      refreshWith(path);
      go(path);
    }

    /** Makes an empty file and goes on to write it. @throws ApiFailure */
    async function create(path: string): Promise<void> {
      await writeContent(workspace, path, "", "nothing").catch(taken);
      refreshWith(path);
      await queryClient.invalidateQueries({ queryKey: infoQuery(workspace, path).queryKey });
      const search = { edit: true } as const;
      await navigate({
        to: "/workspaces/$name/files/$",
        params: { name: workspace, _splat: path },
        search,
        replace: true,
      });
    }

    async function moveBack(from: string, to: string): Promise<void> {
      try {
        await move(workspace, from, to);
        if (isWithin(shown.current, from)) go(moved(shown.current, from, to), true);
        forget(from);
        refreshWith(from, to);
      } catch (error) {
        toasts.failed(`${nameOf(from)} could not be moved back. ${(error as Error).message}`);
      }
    }

    /** Folders on the way may be new, so each of them is read again. */
    const refreshWith = (...paths: string[]) =>
      refresh(
        ...new Set(paths.flatMap((path) => path.split("/").map((_, index, names) => names.slice(0, index).join("/")))),
      );

    const uploads = createUploads(sendTo(workspace), (path) => refreshWith(path));
    return {
      uploads,
      refresh,
      go,
      run,
      create,
      undelete,
      delete: del,
      /** @param list with `relativePath` where they came in folders */
      upload: (folder: string, list: readonly File[]) =>
        uploads.add(list.map((file) => ({ path: joined(folder, relativePathOf(file)), file }))),
    };
  }, [navigate, queryClient, toasts, workspace]);
  useEffect(() => files.uploads.close, [files]);
  return files;
}

export type Files = ReturnType<typeof useFiles>;

function taken(error: Error & { status?: number }): never {
  if (error.status === 412) throw new Error("There is something of that name already.", { cause: error });
  throw error;
}

function relativePathOf(file: File & { relativePath?: string }): string {
  const path = file.relativePath ?? file.webkitRelativePath;
  return (path === "" ? file.name : path).replace(/^(\.?\/)+/, "");
}
