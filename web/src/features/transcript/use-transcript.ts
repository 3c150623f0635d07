/** Follows a transcript while it is looked at, and remembers what was seen of it for a while. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useApp } from "../../app/context.ts";
import { answer, api, ApiFailure } from "../../lib/api.ts";
import { createStore, useStore } from "../../lib/store.ts";
import { followTranscript, type TranscriptFollower, type TranscriptView, unknownTranscript } from "./follow.ts";

/** Milliseconds for which a transcript that nobody looks at is remembered. */
const rememberedMs = 5 * 60_000;
/** Milliseconds between two looks at the transcript of a session that has a process: what a tool does is not announced. */
const lookMs = 1500;

export interface TranscriptOptions {
  sessionId: string;
  /** A subagent's instead of the session's own. */
  agent?: string;
  /** Changes when something may have been written. */
  signal: unknown;
  isLive: boolean;
}

export function useTranscript({ sessionId, agent, signal, isLive }: TranscriptOptions) {
  const queryClient = useQueryClient();
  const { auth } = useApp();
  const key = useMemo(() => ["transcript", sessionId, agent ?? null], [sessionId, agent]);
  const view = useMemo(
    () => createStore(queryClient.getQueryData<TranscriptView>(key) ?? unknownTranscript),
    [queryClient, key],
  );
  const follower = useRef<TranscriptFollower | null>(null);

  useEffect(() => {
    queryClient.setQueryDefaults(key, { gcTime: rememberedMs });
    const following = followTranscript(view, (request) =>
      answer(
        api
          .sessions({ id: sessionId })
          .transcript.get({ query: { ...request, ...(agent === undefined ? {} : { agent }) } }),
      ).catch((error: unknown) => {
        if (error instanceof ApiFailure && error.status === 401) auth.expire();
        throw error;
      }),
    );
    follower.current = following;
    return () => {
      following[Symbol.dispose]();
      queryClient.setQueryData(key, view.get());
    };
  }, [agent, auth, key, queryClient, sessionId, view]);

  const seen = useRef(signal);
  useEffect(() => {
    // What it is does not matter, only that it is another one.
    if (seen.current === signal) return;
    seen.current = signal;
    follower.current?.poke();
  }, [signal]);
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") follower.current?.poke();
    }, lookMs);
    return () => clearInterval(timer);
  }, [isLive]);

  return { view: useStore(view), retry: () => follower.current?.poke() };
}
