import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";

/** Milliseconds between two looks: memory and queues have no events of their own. Only while the page is seen. */
const refreshMs = 10_000;

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: () => answer(api.overview.get({ query: { since: new Date().setHours(0, 0, 0, 0) } })),
  refetchInterval: refreshMs,
});
