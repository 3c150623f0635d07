/** What the dashboard remembers, by key. The event stream fills and refreshes it; nothing is polled. */
import type { SessionSummary } from "@lodge/shared";
import { QueryCache, QueryClient, queryOptions, skipToken } from "@tanstack/react-query";
import { answer, api, ApiFailure } from "./api.ts";

export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: () => answer(api.server.get()),
  staleTime: Number.POSITIVE_INFINITY,
});

export const workspacesQuery = queryOptions({
  queryKey: ["workspaces"],
  queryFn: () => answer(api.workspaces.get()).then(({ workspaces }) => workspaces),
});

/** Never fetched: the stream's snapshot is the first answer, and every later one can be told from a missed one. */
export const sessionsQuery = queryOptions<readonly SessionSummary[]>({
  queryKey: ["sessions"],
  queryFn: skipToken,
  staleTime: Number.POSITIVE_INFINITY,
});

export function createQueryClient(onUnauthorized: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiFailure && error.status === 401) onUnauthorized();
      },
    }),
    defaultOptions: {
      queries: {
        // The last known state is worth keeping for as long as the page is open.
        gcTime: Number.POSITIVE_INFINITY,
        // The event stream notices when the server is back, and then everything is asked for again.
        retry: false,
        // A server on this machine answers without a network.
        networkMode: "always",
      },
    },
  });
}
