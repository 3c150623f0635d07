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
  /** A tag, and the tags of one session. */
  tag: 40,
  tags: 12,
  /** Runs and jobs under way that the overview shows. */
  activeJobs: 8,
  /** Viewers of one terminal. */
  viewers: 64,
  /** MCP servers of one workspace. */
  mcpServers: 20,
  /** Sessions in one snapshot; the newest come first. */
  sessions: 500,
  /** Values of one kind, such as tags, that sessions can be filtered by; the most recently used. */
  choices: 200,
  /** Workspaces in one listing. */
  workspaces: 1000,
  /** Groups that a report of usage tells apart. */
  usageGroups: 12,
  /** Points of time in a report of usage. */
  usageBuckets: 400,
  /** A time: the last millisecond of the year 9999, which SQLite's integers hold without loss. */
  time: 253_402_300_799_000,
} as const;
