import type { JobForm, JobState, JobSummary } from "@lodge/shared";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";

/** Milliseconds between two looks while something is under way, and while nothing is. Only while the page is seen. */
const activeMs = 2000;
const calmMs = 10_000;

const isActive = ({ state }: JobSummary): boolean => state === "queued" || state === "running";

export const jobsQuery = (state: JobState | undefined) =>
  infiniteQueryOptions({
    queryKey: ["jobs", { state }],
    queryFn: ({ pageParam }: { pageParam: number | undefined }) =>
      answer(
        api.jobs.get({
          query: {
            ...(state === undefined ? {} : { state }),
            ...(pageParam === undefined ? {} : { before: pageParam }),
          },
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data?.pages.some(({ jobs }) => jobs.some(isActive)) ? activeMs : calmMs),
  });

export const jobQuery = (id: string) =>
  queryOptions({ queryKey: ["job", id], queryFn: () => answer(api.jobs({ id }).get()) });

export const handIn = (form: JobForm) => answer(api.jobs.post(form));
export const cancelJob = (id: string) => answer(api.jobs({ id }).cancel.post());
export const retryJob = (id: string) => answer(api.jobs({ id }).retry.post());
