/** What stands behind the question mark: what to include, where to go on, which page. */
import { ApiError } from "../../../http/errors.ts";
import { type Item, wireItem } from "./items.ts";

export interface Page {
  limit: number;
  order: "asc" | "desc";
  /** Id of the item before the first. */
  after: string | undefined;
}

/** In all the ways that clients write a list. */
export function readInclude(query: URLSearchParams): ReadonlySet<string> {
  const values = [...query]
    .filter(([name]) => /^include(\[\d*\])?$/.test(name))
    .flatMap(([, value]) => value.split(","));
  return new Set(values);
}

/** Sequence number of the last event that the reader has; -1 for none. */
export const readStartingAfter = (query: URLSearchParams): number => Number(query.get("starting_after") ?? -1);

/** @throws ApiError that names the parameter */
export function readPage(query: URLSearchParams): Page {
  const limit = Number(query.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw wrong("limit", "must be a whole number from 1 to 100");
  const order = query.get("order") === "asc" ? "asc" : "desc";
  return { limit, order, after: query.get("after") ?? undefined };
}

/** @throws ApiError when there is no item to go on after */
export function page(items: readonly Item[], { limit, order, after }: Page, include: ReadonlySet<string>): object {
  const ordered = order === "asc" ? items : items.toReversed();
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) throw wrong("after", "there is no item of that id");
  const data = ordered.slice(start, start + limit);
  return {
    object: "list",
    data: data.map((item) => wireItem(item, include)),
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + data.length < ordered.length,
  };
}

const wrong = (param: string, why: string): ApiError => new ApiError("invalid_request", `${param}: ${why}.`, { param });
