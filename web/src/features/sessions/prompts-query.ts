/** What a session waits for, asked for again each time it begins to wait. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";

/** Milliseconds for which a decided prompt is remembered. */
const rememberedMs = 10_000;

/** @param since when it began to wait */
export const promptsQuery = (id: string, since: number) =>
  queryOptions({
    queryKey: ["prompts", id, since],
    queryFn: () => answer(api.sessions({ id }).get()).then(({ prompts }) => prompts),
    gcTime: rememberedMs,
  });

export type PendingPrompt = Awaited<ReturnType<NonNullable<ReturnType<typeof promptsQuery>["queryFn"]>>>[number];
