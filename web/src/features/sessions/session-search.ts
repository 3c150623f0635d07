/** What the address of a session's page says: which parts are shown, and which entry of the transcript it points to. */

/** Both parts side by side where there is room for them, when absent. */
export const sessionViews = ["terminal", "transcript", "recordings", "details"] as const;
export type SessionView = (typeof sessionViews)[number];

export interface SessionSearch {
  view?: SessionView;
  /** A moment whose screen is shown instead of now's, in milliseconds since the epoch. */
  at?: number;
}

/** The search parameters of `/sessions/:id`; whatever else is in the address is dropped. */
export function sessionSearch(given: Record<string, unknown>): SessionSearch {
  const view = sessionViews.find((name) => name === given["view"]);
  const at = Number(given["at"]);
  return { ...(view === undefined ? {} : { view }), ...(Number.isSafeInteger(at) && at > 0 ? { at } : {}) };
}

/** The entry that a fragment points to: `entry=<id>`. */
export function markedEntry(hash: string): string | null {
  const [, id] = /^#?entry=([\w.-]{1,200})$/.exec(hash) ?? [];
  return id ?? null;
}
