import type { KeyChange, NewKey } from "@lodge/shared";
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../lib/api.ts";

/** Milliseconds between two looks at when keys were used and what they spent. Only while the page is seen. */
const lookMs = 10_000;

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: () => answer(api.keys.get()).then(({ keys }) => keys),
  refetchInterval: lookMs,
});

/** They are read when the server starts, and stay as they are. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => answer(api.settings.get()).then(({ settings }) => settings),
});

export const makeKey = (key: NewKey) => answer(api.keys.post(key));
export const changeKey = (id: string, change: KeyChange) => answer(api.keys({ id }).patch(change));
export const revokeKey = (id: string) => answer(api.keys({ id }).delete());
