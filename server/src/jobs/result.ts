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
    total_cost_usd: turnCost(raw, costUsd),
    ...(usage === undefined ? {} : { modelUsage: usage }),
  }) as Record<string, unknown>;
}

/**
 * US dollars. A session that was resumed has the total of its whole life in its first result, so that only the CLI's own
 * account of the turn tells what it cost.
 */
export function turnCost(raw: ResultEvent["raw"], fallback: number): number {
  const own = raw[ofThisTurn];
  if (!isRecord(own)) return fallback;
  const costs = Object.values(own).map((usage) => (isRecord(usage) ? usage["costUSD"] : undefined));
  return costs.reduce<number>((sum, cost) => sum + (typeof cost === "number" ? cost : 0), 0);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
