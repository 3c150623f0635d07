/** The CLI's own result of a turn, as a reply of `/run`: keys in camelCase, figures of this turn alone. */
import type { SessionEvent } from "../sessions/index.ts";
import { camelKeys } from "./camel-case.ts";

export type ResultEvent = Extract<SessionEvent, { type: "result" }>;

/** What the CLI says of the turn alone, beside totals that run over the whole session. */
const ofThisTurn = "model_usage_since_last_result";

export function toResult({ raw, costUsd }: ResultEvent): Record<string, unknown> {
  const { [ofThisTurn]: own, ...rest } = raw;
  const usage = isRecord(own) ? own : undefined;
  return camelKeys({
    ...rest,
    total_cost_usd: costUsd,
    ...(usage === undefined ? {} : { modelUsage: usage }),
  }) as Record<string, unknown>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
