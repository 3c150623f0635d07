/** Links a session's screen and its transcript in time: which moment is asked for, and which one is on the screen. */
import type { SessionSummary } from "@lodge/shared";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createStore, type Store } from "../../lib/store.ts";
import { type AskedMoment, recordingAt, type ShownMoment } from "../recordings/moments.ts";
import { recordingsQuery } from "../recordings/queries.ts";

export interface Moments {
  /** What the address asks for; null for now. */
  asked: AskedMoment | null;
  /** What the screen shows; null for now. */
  moment: Store<ShownMoment | null>;
  setMoment: (moment: ShownMoment | null) => void;
  /** Whether there is a screen of a time. */
  canShow: (at: number) => boolean;
  /** Shows it, as it was before the next thing was said. */
  show: (at: number, until: number) => void;
  back: () => void;
}

const route = getRouteApi("/sessions/$id");

interface MomentsOptions {
  at: number | undefined;
  /** Whether a part of the page is seen that can show it. */
  isSeen: boolean;
}

export function useMoments({ id, pid }: SessionSummary, { at, isSeen }: MomentsOptions): Moments {
  const navigate = route.useNavigate();
  const { data: recordings, refetch } = useQuery({ ...recordingsQuery(id), refetchInterval: false });
  // Each process has a recording of its own.
  const seenPid = useRef(pid);
  useEffect(() => {
    if (seenPid.current === pid) return;
    seenPid.current = pid;
    void refetch();
  }, [pid, refetch]);

  const [moment] = useState(() => createStore<ShownMoment | null>(null));
  // One may ask for the same moment again after having gone elsewhere.
  const [latest, setLatest] = useState<AskedMoment | null>(null);
  const asked = useMemo(() => (at === undefined ? null : latest?.at === at ? latest : { at }), [at, latest]);
  const show = useCallback(
    (wanted: number, until: number) => {
      setLatest({ at: wanted, until });
      void navigate({
        search: (search) => ({ ...search, at: wanted, ...(isSeen ? {} : { view: "recordings" as const }) }),
        hash: (hash) => hash ?? "",
        replace: true,
      });
    },
    [navigate, isSeen],
  );
  const back = useCallback(
    () =>
      void navigate({
        search: ({ view }) => (view === undefined ? {} : { view }),
        hash: (hash) => hash ?? "",
        replace: true,
      }),
    [navigate],
  );
  const canShow = useCallback((wanted: number) => recordingAt(recordings ?? [], wanted) !== null, [recordings]);
  return { asked, moment, setMoment: moment.set, canShow, show, back };
}
