import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";
import type { AuditSearch } from "./search.ts";

/** Milliseconds between two looks. Only while the page is seen. */
const lookMs = 10_000;

export const auditQuery = (search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ["audit", search],
    queryFn: ({ pageParam }: { pageParam: number | undefined }) =>
      answer(api.audit.get({ query: { ...search, ...(pageParam === undefined ? {} : { before: pageParam }) } })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: lookMs,
  });
