/** A session made up for unit tests. */
import type { SessionSummary } from "@lodge/shared";

export const session = (fields: Partial<SessionSummary>): SessionSummary => ({
  id: crypto.randomUUID(),
  workspace: "shop",
  driver: "stream",
  mode: "agent",
  model: "sonnet",
  state: { name: "ready" },
  title: "Title",
  tags: [],
  lastWords: "Last words",
  turns: 1,
  inputTokens: 10,
  outputTokens: 5,
  costUsd: 0.01,
  startedAt: 1000,
  lastActiveAt: 2000,
  ...fields,
});
