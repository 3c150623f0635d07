/** What this page asks of the server: files by the typed client, contents by themselves, since those are no JSON. */
import { type DeletedFile, problem } from "@lodge/shared";
import { queryOptions } from "@tanstack/react-query";
import { answer, api, ApiFailure } from "../../lib/api.ts";

/** The client puts a parameter into the address as it is. */
const filesOf = (workspace: string) => api.workspaces({ name: encodeURIComponent(workspace) }).files;

/** Milliseconds for which what nobody looks at is remembered: there may be much of it. */
const rememberedMs = 60_000;

export const filesKey = (workspace: string) => ["files", workspace] as const;

export const folderQuery = (workspace: string, path: string) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "folder", path],
    queryFn: () => answer(filesOf(workspace).get({ query: { path } })),
    staleTime: 5000,
    gcTime: rememberedMs,
    // Tens of thousands of names are not compared one by one.
    structuralSharing: false,
  });

export const infoQuery = (workspace: string, path: string) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "info", path],
    queryFn: () => answer(filesOf(workspace).info.get({ query: { path } })),
    gcTime: rememberedMs,
  });

export interface Content {
  text: string;
  etag: string;
}

/** A file as text; null where it is no UTF-8 after all. */
export const contentQuery = (workspace: string, path: string) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "content", path],
    queryFn: () => readContent(workspace, path),
    gcTime: rememberedMs,
    structuralSharing: false,
  });

/** Some first bytes of a file. */
export const startQuery = (workspace: string, path: string, bytes: number) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "start", path, bytes],
    queryFn: async () => {
      const response = await ask(contentAddress(workspace, path), { headers: { range: `bytes=0-${bytes - 1}` } });
      return new Uint8Array(await response.arrayBuffer()).subarray(0, bytes);
    },
    gcTime: rememberedMs,
    structuralSharing: false,
  });

export const gitQuery = (workspace: string) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "git"],
    queryFn: () => answer(filesOf(workspace).git.get()).then(({ repository }) => repository),
    gcTime: rememberedMs,
  });

export const historyQuery = (workspace: string, path: string) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "history", path],
    queryFn: () => answer(filesOf(workspace).git.history.get({ query: { path } })).then(({ commits }) => commits),
    gcTime: rememberedMs,
  });

export interface DiffOf {
  path: string;
  commit?: string;
  previous?: string;
}

export const diffQuery = (workspace: string, query: DiffOf) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "diff", query],
    queryFn: () => answer(filesOf(workspace).git.diff.get({ query })),
    gcTime: rememberedMs,
    structuralSharing: false,
  });

export const deletedQuery = (workspace: string) =>
  queryOptions({
    queryKey: [...filesKey(workspace), "deleted"],
    queryFn: () => answer(filesOf(workspace).deleted.get()).then(({ deleted }) => deleted),
    gcTime: rememberedMs,
  });

export const makeFolder = (workspace: string, path: string) => answer(filesOf(workspace).folders.post({ path }));
export const move = (workspace: string, from: string, to: string) => answer(filesOf(workspace).move.post({ from, to }));
export const copy = (workspace: string, from: string, to: string) => answer(filesOf(workspace).copy.post({ from, to }));
export const remove = (workspace: string, path: string): Promise<DeletedFile> =>
  answer(filesOf(workspace).delete.post({ path }));
export const restore = (workspace: string, id: string) => answer(filesOf(workspace).deleted({ id }).restore.post());

const base = (workspace: string): string => `/api/workspaces/${encodeURIComponent(workspace)}/files`;

/** Where a file's content is, to show it or to keep it. */
export const contentAddress = (workspace: string, path: string, download = false): string =>
  `${base(workspace)}/content?${new URLSearchParams({ path, ...(download ? { download: "1" } : {}) })}`;

export const archiveAddress = (workspace: string, path: string): string =>
  `${base(workspace)}/archive?${new URLSearchParams({ path })}`;

export const searchAddress = (workspace: string, query: Record<string, string>): string =>
  `${base(workspace)}/search?${new URLSearchParams(query)}`;

export const changesAddress = (workspace: string, query: Record<string, string>): string =>
  `${base(workspace)}/changes?${new URLSearchParams(query)}`;

/** What is in a file now, with the tag of exactly that. */
export async function readContent(workspace: string, path: string): Promise<Content | null> {
  const response = await ask(contentAddress(workspace, path));
  const bytes = await response.arrayBuffer();
  try {
    // As it is: what looks like a mark of its byte order stays in it.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, etag: response.headers.get("etag") ?? "" };
  } catch {
    return null;
  }
}

/**
 * Writes a file over the version that has this tag, or where there is none yet.
 *
 * @returns the new tag
 * @throws ApiFailure with status 412 when it is another by now
 */
export async function writeContent(
  workspace: string,
  path: string,
  text: string,
  over: { etag: string } | "nothing",
): Promise<string> {
  const response = await ask(contentAddress(workspace, path), {
    method: "PUT",
    body: new Blob([text]),
    headers: guard(over),
  });
  return response.headers.get("etag") ?? "";
}

export const guard = (over: { etag: string } | "nothing"): Record<string, string> =>
  over === "nothing" ? { "if-none-match": "*" } : { "if-match": over.etag };

/** @throws ApiFailure */
export async function ask(address: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(address, init).catch((cause: unknown) => {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiFailure(0, `No answer from ${window.location.host}.`, { cause });
  });
  if (response.ok) return response;
  throw failureOf(response.status, await response.text());
}

export function failureOf(status: number, body: string): ApiFailure {
  const told = problem.safeParse(parsed(body));
  return new ApiFailure(status, told.success ? told.data.detail : `The server answered with status ${status}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
