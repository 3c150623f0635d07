/** What the usage page shows, as it stands in the address. */
import { type UsageGroup, usageGroup } from "@lodge/shared";

const hour = 3_600_000;
const day = 24 * hour;

/** Spans of time that can be chosen, with the length of a bar in milliseconds. */
export const ranges = {
  "24h": { label: "24 hours", ms: day, bucketMs: hour },
  "7d": { label: "7 days", ms: 7 * day, bucketMs: 6 * hour },
  "30d": { label: "30 days", ms: 30 * day, bucketMs: day },
  "90d": { label: "90 days", ms: 90 * day, bucketMs: day },
} as const;
export type Range = keyof typeof ranges;

export const measures = { cost: "Cost", tokens: "Tokens", turns: "Turns" } as const;
export type MeasureName = keyof typeof measures;

/** Only what differs from the defaults: the last 7 days, cost, by model. */
export interface UsageSearch {
  range?: Exclude<Range, "7d">;
  by?: Exclude<UsageGroup, "model">;
  measure?: Exclude<MeasureName, "cost">;
}

/** The search parameters of `/usage`; whatever else is in the address is dropped. */
export function usageSearch(given: Record<string, unknown>): UsageSearch {
  const range = (Object.keys(ranges) as Range[]).find((name) => name === given["range"]);
  const by = usageGroup.options.find((name) => name === given["by"]);
  const measure = (Object.keys(measures) as MeasureName[]).find((name) => name === given["measure"]);
  return {
    ...(range === undefined || range === "7d" ? {} : { range }),
    ...(by === undefined || by === "model" ? {} : { by }),
    ...(measure === undefined || measure === "cost" ? {} : { measure }),
  };
}

export interface UsageSpan {
  from: number;
  to: number;
  bucketMs: number;
}

/**
 * The span that ends with the point of time in which it is now, in whole points of the reader's own time.
 *
 * @param offsetMs by which the reader's clock is ahead of UTC
 */
export function spanOf(range: Range, now: number, offsetMs: number): UsageSpan {
  const { ms, bucketMs } = ranges[range];
  const to = (Math.floor((now + offsetMs) / bucketMs) + 1) * bucketMs - offsetMs;
  return { from: to - ms, to, bucketMs };
}
