/** What the workspaces' page asks of the server, and what it has done there. */
import { cloneEvent, type CloneEvent, problem, type WorkspaceSettings } from "@lodge/shared";
import { queryOptions } from "@tanstack/react-query";
import { answer, api, ApiFailure } from "../../lib/api.ts";
import { sendFile } from "../../lib/send-file.ts";
import { sseParser } from "../../lib/sse.ts";

/** Milliseconds for which a size and a branch are shown without asking again. */
const freshMs = 30_000;

export const detailsQuery = (name: string) =>
  queryOptions({
    queryKey: ["workspace", name],
    queryFn: () => answer(api.workspaces({ name }).get()),
    staleTime: freshMs,
  });

export const settingsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["workspace-settings", workspace],
    queryFn: () => answer(api["workspace-settings"].get({ query: { workspace } })),
  });

export const saveSettings = (workspace: string, settings: WorkspaceSettings) =>
  answer(api["workspace-settings"].put(settings, { query: { workspace } }));

export const createWorkspace = (name: string) => answer(api.workspaces.post({ name }));
export const renameWorkspace = (from: string, name: string) => answer(api.workspaces({ name: from }).patch({ name }));
export const deleteWorkspace = (name: string, confirm: string) => answer(api.workspaces({ name }).delete({ confirm }));
export const restoreWorkspace = (id: string) => answer(api["workspace-restores"].post({ id }));

/** Resolves when it is there; aborting ends it without a trace. */
export async function cloneWorkspace(
  name: string,
  url: string,
  signal: AbortSignal,
  onProgress: (progress: Extract<CloneEvent, { type: "progress" }>) => void,
): Promise<void> {
  const response = await fetch("/api/workspace-clones", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, url }),
    signal,
  });
  if (!response.ok || response.body === null) throw failureOf(response.status, await response.text());
  const parse = sseParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The line broke before the clone was through. Look whether it is there.");
    for (const data of parse(value)) {
      const event = cloneEvent.parse(JSON.parse(data));
      if (event.type === "done") return;
      if (event.type === "failed") throw new Error(event.message);
      onProgress(event);
    }
  }
}

/** @param onSent told how many bytes of it have gone out */
export async function importWorkspace(
  name: string,
  archive: File,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  const address = `/api/workspace-imports?${new URLSearchParams({ name })}`;
  const { status, text } = await sendFile({ method: "POST", address, file: archive, signal, onSent });
  if (status >= 300) throw failureOf(status, text);
}

function failureOf(status: number, text: string): ApiFailure {
  const told = problem.safeParse(parsed(text));
  return new ApiFailure(status, told.success ? told.data.detail : `The server answered with status ${status}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
