/** Follows what changes on the disk in the folders and the file that are shown, and has what is known of them read again. */
import { type FileChange, fileChange, type FileInfo, type FolderListing } from "@lodge/shared";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { backoffMs } from "../../lib/backoff.ts";
import { sessionsQuery } from "../../lib/queries.ts";
import { sseParser } from "../../lib/sse.ts";
import { ask, changesAddress, filesKey, folderQuery, gitQuery, infoQuery } from "./requests.ts";

/** Folders and characters of their names that one line is for: they are part of its address. */
const maxFolders = 80;
const maxCharacters = 6000;
/** Milliseconds for which a page that is hidden keeps its line: a browser has six for all its tabs. */
const hiddenMs = 15_000;
/** Milliseconds after the last folder was opened or closed before another line is made. */
const settleMs = 150;

/** @param folders those that are shown, the most important first */
export function useFileChanges(workspace: string, folders: readonly string[], file: string | null): void {
  const queryClient = useQueryClient();
  const watched = JSON.stringify(shortened(folders));
  useEffect(() => {
    let line: AbortController | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = () => {
      if (line !== null) return;
      line = new AbortController();
      const query = { folders: watched, ...(file === null ? {} : { file }) };
      void follow(queryClient, workspace, query, line.signal);
    };
    const stop = () => {
      line?.abort();
      line = null;
    };
    const onVisibility = () => {
      clearTimeout(timer);
      timer = document.visibilityState === "visible" ? setTimeout(start, settleMs) : setTimeout(stop, hiddenMs);
    };
    onVisibility();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      clearTimeout(timer);
      stop();
    };
  }, [file, queryClient, watched, workspace]);
}

function shortened(folders: readonly string[]): string[] {
  let characters = 0;
  return folders
    .slice(0, maxFolders)
    .filter((folder) => (characters += encodeURIComponent(folder).length + 9) < maxCharacters);
}

/** A session in the workspace did something: files that are not shown may have changed, which git's marks tell of. */
export function useSessionChanges(workspace: string): void {
  const queryClient = useQueryClient();
  const { data: lastActiveAt = 0 } = useQuery({
    ...sessionsQuery,
    select: (sessions) =>
      Math.max(
        0,
        ...sessions.filter((session) => session.workspace === workspace).map((session) => session.lastActiveAt),
      ),
  });
  useEffect(() => {
    if (lastActiveAt > 0) void queryClient.invalidateQueries({ queryKey: gitQuery(workspace).queryKey });
  }, [lastActiveAt, queryClient, workspace]);
}

async function follow(
  queryClient: QueryClient,
  workspace: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      const response = await ask(changesAddress(workspace, query), { signal });
      const parse = sseParser();
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const data of parse(value)) {
          attempt = 1;
          apply(queryClient, workspace, fileChange.parse(JSON.parse(data)));
        }
      }
    } catch {
      // Of a line that broke the frame of the page tells; here it is tried again.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, Math.random())));
  }
}

function apply(queryClient: QueryClient, workspace: string, change: FileChange): void {
  const refresh = (queryKey: readonly unknown[]) => void queryClient.invalidateQueries({ queryKey });
  switch (change.type) {
    case "watching":
      for (const { path, version } of change.seen) {
        const listing = queryClient.getQueryData<FolderListing>(folderQuery(workspace, path).queryKey);
        if (listing !== undefined && listing.version !== version) refresh(folderQuery(workspace, path).queryKey);
        const info = queryClient.getQueryData<FileInfo>(infoQuery(workspace, path).queryKey);
        if (info?.type === "file" && info.etag !== version) refreshFile(path);
      }
      return;
    case "folder":
      refresh(folderQuery(workspace, change.path).queryKey);
      refresh(gitQuery(workspace).queryKey);
      return;
    case "file":
      refreshFile(change.path);
      refresh(gitQuery(workspace).queryKey);
      return;
  }

  function refreshFile(path: string): void {
    for (const part of ["info", "content", "start", "history"]) refresh([...filesKey(workspace), part, path]);
    refresh([...filesKey(workspace), "diff"]);
  }
}
