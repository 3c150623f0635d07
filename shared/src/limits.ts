/** Bounds on what crosses the wire to the browser. Characters unless said otherwise. */
export const limits = {
  /** A name: model, workspace, key. */
  name: 256,
  /** A path below a root. */
  path: 4096,
  /** A line of text made for a person. */
  text: 1000,
  /** A prompt that a person writes into a form. */
  prompt: 200_000,
  /** A token or key as typed by a person. */
  token: 512,
  /** Sessions in one listing or snapshot; the newest come first. */
  sessions: 500,
  /** Workspaces in one listing. */
  workspaces: 1000,
  /** Groups that a report of usage tells apart. */
  usageGroups: 12,
  /** Points of time in a report of usage. */
  usageBuckets: 400,
} as const;
