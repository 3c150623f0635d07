/** From a report to what the chart draws: one bar for each point of time, also where nothing happened. */
import type { UsageReport, UsageSums } from "@lodge/shared";
import type { MeasureName } from "./search.ts";

/** A bar: its time, and a value for each group under the group's index. */
export interface Bar {
  at: number;
  [group: `g${number}`]: number;
}

export function valueOf(sums: UsageSums, measure: MeasureName): number {
  switch (measure) {
    case "cost":
      return sums.costUsd;
    case "turns":
      return sums.turns;
    case "tokens":
      return sums.inputTokens + sums.outputTokens + sums.cacheReadTokens + sums.cacheCreationTokens;
  }
}

export function barsOf({ from, to, bucketMs, points }: UsageReport, measure: MeasureName): Bar[] {
  const bars = new Map<number, Bar>();
  for (let at = from; at < to; at += bucketMs) bars.set(at, { at });
  for (const point of points) {
    const bar = bars.get(point.at);
    if (bar) bar[`g${point.group}`] = valueOf(point, measure);
  }
  return [...bars.values()];
}
