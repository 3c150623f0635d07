/** Keeps the query cache current from the event stream while the page is looked at. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { setServerDate } from "../lib/clock.ts";
import { followLiveEvents, type LiveEvents } from "../lib/live-events.ts";
import { serverQuery, sessionsQuery, workspacesQuery } from "../lib/queries.ts";
import { useApp } from "./context.ts";

/**
 * Milliseconds for which a hidden page keeps its stream. A browser has six connections to a plain HTTP server for all
 * its tabs together: forgotten ones would starve the one in use.
 */
const hiddenMs = 15_000;

export function useLiveEvents(): void {
  const { auth, connection, retryNow } = useApp();
  const queryClient = useQueryClient();

  useEffect(() => {
    let live: LiveEvents | null = null;
    let hiding: ReturnType<typeof setTimeout> | undefined;

    const start = () => {
      live ??= followLiveEvents({
        async open(signal) {
          const response = await fetch("/api/events", { signal, headers: { accept: "text/event-stream" } });
          setServerDate(response.headers.get("date"));
          return response;
        },
        onConnection: connection.set,
        onSessions(sessions, isSnapshot) {
          queryClient.setQueryData(sessionsQuery.queryKey, sessions);
          const known = queryClient.getQueryData(workspacesQuery.queryKey);
          const isNew =
            known !== undefined && sessions.some(({ workspace }) => !known.some(({ name }) => name === workspace));
          // After a reconnection anything may have changed.
          // The first process tells what the CLI is.
          const isUnknown = queryClient.getQueryData(serverQuery.queryKey)?.claude.version === null;
          if (isSnapshot || isUnknown) void queryClient.invalidateQueries({ queryKey: serverQuery.queryKey });
          if (isSnapshot || isNew) void queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
        },
        onUnauthorized: auth.expire,
      });
      retryNow.set(live.retryNow);
    };
    const stop = () => {
      live?.stop();
      live = null;
    };
    const onVisibility = () => {
      clearTimeout(hiding);
      if (document.visibilityState === "visible") start();
      else hiding = setTimeout(stop, hiddenMs);
    };
    const onOnline = () => live?.retryNow();

    if (document.visibilityState === "visible") start();
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("online", onOnline);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("online", onOnline);
      clearTimeout(hiding);
      stop();
    };
  }, [auth, connection, queryClient, retryNow]);
}
