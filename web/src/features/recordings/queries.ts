import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";

/** Milliseconds between two looks while one goes on. */
const activeMs = 5000;

export const recordingsQuery = (session: string) =>
  queryOptions({
    queryKey: ["recordings", session],
    queryFn: () => answer(api.recordings.get({ query: { session } })).then(({ recordings }) => recordings),
    refetchInterval: ({ state: { data } }) => (data?.some(({ endedAt }) => endedAt === null) ? activeMs : false),
    staleTime: 0,
  });

export const deleteRecording = (id: string) => answer(api.recordings({ id }).delete());

/** Where a recording can be had as a file. */
export const castAddress = (id: string): string => `/api/recordings/${id}/cast`;
