import type { JobForm } from "@lodge/shared";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";
import type { JobsSearch } from "./search.ts";

/** The event stream says when to read it anew. */
export const jobsQuery = (search: JobsSearch) =>
  infiniteQueryOptions({
    queryKey: ["jobs", search],
    queryFn: ({ pageParam }: { pageParam: number | undefined }) =>
      answer(api.jobs.get({ query: { ...search, ...(pageParam === undefined ? {} : { before: pageParam }) } })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const jobQuery = (id: string) =>
  queryOptions({ queryKey: ["job", id], queryFn: () => answer(api.jobs({ id }).get()) });

export const handIn = (form: JobForm) => answer(api.jobs.post(form));
export const cancelJob = (id: string) => answer(api.jobs({ id }).cancel.post());
export const retryJob = (id: string) => answer(api.jobs({ id }).retry.post());
