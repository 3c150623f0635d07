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

export const usageReport = z.object({
  /** Milliseconds since the epoch; `from` belongs to it and `to` does not. */
  from: z.number().int(),
  to: z.number().int(),
  /** Milliseconds that a point of time stands for. */
  bucketMs: z.number().int(),
  by: usageGroup,
  totals: usageSums,
  /** Milliseconds that a turn took, from its request to its end; null where there were no turns. */
  turnMs: z.object({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable(),
  /** Milliseconds from a turn's request to its first word; null where no turn had one. */
  firstTokenMs: z.object({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable(),
  /** The groups that took most, by cost and then by tokens; what is beyond the limit is one group more, named null. */
  groups: z.array(usageSums.extend({ name: z.string().max(limits.path).nullable() })).max(limits.usageGroups + 1),
  /** Only those in which there were turns, by time. `group` is an index into `groups`. */
  points: z.array(usageSums.extend({ at: z.number().int(), group: z.number().int().min(0) })),
});
export type UsageReport = z.infer<typeof usageReport>;
