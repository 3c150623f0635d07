/** Keeps the query cache current from the event stream while the page is looked at, or has to tell of what waits. */
import { useThrottledCallback } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { setServerDate } from "../lib/clock.ts";
import { followLiveEvents, type LiveEvents } from "../lib/live-events.ts";
import { serverQuery, sessionsQuery, workspacesQuery } from "../lib/queries.ts";
import { useApp } from "./context.ts";
import { useAttentionSetting } from "./use-attention.ts";

/**
 * Milliseconds for which a hidden page keeps its stream. A browser has six connections to a plain HTTP server for all
 * its tabs together: forgotten ones would starve the one in use.
 */
const hiddenMs = 15_000;

/** Milliseconds between two looks at the jobs, however many of them change. */
const jobsMs = 500;

/** Of all hidden pages of this server the one that holds it keeps a stream, so that it can notify. */
const notifierLock = "lodge-notifier";

export function useLiveEvents(): void {
  const { auth, connection, retryNow } = useApp();
  const { isOn: notifies } = useAttentionSetting();
  const queryClient = useQueryClient();
  const readJobs = useThrottledCallback(() => {
    for (const queryKey of [["jobs"], ["job"], ["overview"]]) void queryClient.invalidateQueries({ queryKey });
  }, jobsMs);

  useEffect(() => {
    let live: LiveEvents | null = null;
    let hiding: ReturnType<typeof setTimeout> | undefined;
    let seen = new AbortController();

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
          if (isSnapshot) readJobs();
          if (isSnapshot || isNew) void queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
        },
        onJobs: readJobs,
        onUnauthorized: auth.expire,
      });
      retryNow.set(live.retryNow);
    };
    const stop = () => {
      live?.stop();
      live = null;
    };
    /** For as long as the page is not looked at, once no other hidden page does it. */
    const notifyWhileHidden = async (until: AbortSignal) => {
      stop();
      const { promise: over, resolve } = Promise.withResolvers<void>();
      until.addEventListener("abort", () => resolve(), { once: true });
      await navigator.locks.request(notifierLock, { signal: until }, () => {
        start();
        return over;
      });
    };
    const onVisibility = () => {
      clearTimeout(hiding);
      seen.abort();
      seen = new AbortController();
      const { signal } = seen;
      if (document.visibilityState === "visible") return start();
      hiding = setTimeout(() => {
        if (!notifies) return stop();
        notifyWhileHidden(signal).catch(() => {
          // It was looked at before it had the lock.
        });
      }, hiddenMs);
    };
    const onOnline = () => live?.retryNow();

    onVisibility();
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("online", onOnline);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("online", onOnline);
      clearTimeout(hiding);
      seen.abort();
      stop();
    };
  }, [auth, connection, notifies, queryClient, readJobs, retryNow]);
}
