import type { UsageGroup } from "@lodge/shared";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";
import { type Range, spanOf } from "./search.ts";

/** Minutes by which this browser's clock is ahead of UTC. Its days are taken to be alike over the whole span. */
const offset = (): number => -new Date().getTimezoneOffset();

const parameters = (range: Range, by: UsageGroup) => {
  const { from, to, bucketMs } = spanOf(range, Date.now(), offset() * 60_000);
  return { from, to, by, bucket: bucketMs, offset: offset() };
};

/** The report stays on the page while the next one is on its way. */
export const usageQuery = (range: Range, by: UsageGroup) =>
  queryOptions({
    queryKey: ["usage", range, by],
    queryFn: () => answer(api.usage.get({ query: parameters(range, by) })),
    placeholderData: keepPreviousData,
  });

export function csvAddress(range: Range, by: UsageGroup): string {
  const query = Object.entries(parameters(range, by)).map(([name, value]) => [name, String(value)]);
  return `/api/usage.csv?${new URLSearchParams(query)}`;
}
