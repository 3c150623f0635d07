/** What the address of a file's page says beside its path: how the file is shown, and which line. */

export const fileViews = ["preview", "source", "changes", "history"] as const;
export type FileView = (typeof fileViews)[number];

export interface FilesSearch {
  /** What suits the file, when absent. */
  view?: FileView;
  /** Counted from 1. */
  line?: number;
  /** Somebody changes it. */
  edit?: true;
}

/** The search parameters of `/workspaces/:name/files/…`; whatever else is in the address is dropped. */
export function filesSearch(given: Record<string, unknown>): FilesSearch {
  const view = fileViews.find((name) => name === given["view"]);
  const line = Number(given["line"]);
  return {
    ...(view === undefined ? {} : { view }),
    ...(Number.isSafeInteger(line) && line > 0 ? { line } : {}),
    ...(given["edit"] === true ? { edit: true } : {}),
  };
}
