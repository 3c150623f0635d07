/** What the address of a session's page says: which parts are shown, and which entry of the transcript it points to. */

/** Both parts side by side where there is room for them, when absent. */
export const sessionViews = ["terminal", "transcript", "recordings", "details"] as const;
export type SessionView = (typeof sessionViews)[number];

export interface SessionSearch {
  view?: SessionView;
}

/** The search parameters of `/sessions/:id`; whatever else is in the address is dropped. */
export function sessionSearch(given: Record<string, unknown>): SessionSearch {
  const view = sessionViews.find((name) => name === given["view"]);
  return view === undefined ? {} : { view };
}

/** The entry that a fragment points to: `entry=<id>`. */
export function markedEntry(hash: string): string | null {
  const [, id] = /^#?entry=([\w.-]{1,200})$/.exec(hash) ?? [];
  return id ?? null;
}
