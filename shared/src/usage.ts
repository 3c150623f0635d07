/** What turns took, summed over time: `GET /api/usage`. */
import { z } from "zod";
import { limits } from "./limits.ts";

/** What usage can be told apart by. `source`: how the session was come by. `key`: whose turns they were. */
export const usageGroup = z.enum(["model", "workspace", "source", "mode", "key"]);
export type UsageGroup = z.infer<typeof usageGroup>;

/** Sums over turns. Tokens are counted once each: what was read from the cache is not in `inputTokens`. */
export const usageSums = z.object({
  turns: z.number().int().min(0),
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
  cacheReadTokens: z.number().int().min(0),
  cacheCreationTokens: z.number().int().min(0),
  /** US dollars. */
  costUsd: z.number().min(0),
});
export type UsageSums = z.infer<typeof usageSums>;

/** Milliseconds within which half, nine in ten and 99 in 100 of the turns were; null where there were none. */
const usageTimes = z.object({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable();
export type UsageTimes = z.infer<typeof usageTimes>;

export const usageReport = z.object({
  /** Milliseconds since the epoch; `from` belongs to it and `to` does not. */
  from: z.number().int(),
  to: z.number().int(),
  /** Milliseconds that a point of time stands for. */
  bucketMs: z.number().int(),
  by: usageGroup,
  totals: usageSums,
  /** What a turn took, from its request to its end. */
  turnMs: usageTimes,
  /** From a turn's request to its first word, which not every turn comes to. */
  firstTokenMs: usageTimes,
  /** The groups that took most, by cost and then by tokens; what is beyond the limit is one group more, named null. */
  groups: z
    .array(
      usageSums.extend({ name: z.string().max(limits.path).nullable(), turnMs: usageTimes, firstTokenMs: usageTimes }),
    )
    .max(limits.usageGroups + 1),
  /** Only those in which there were turns, by time. `group` is an index into `groups`. */
  points: z.array(usageSums.extend({ at: z.number().int(), group: z.number().int().min(0) })),
});
export type UsageReport = z.infer<typeof usageReport>;
