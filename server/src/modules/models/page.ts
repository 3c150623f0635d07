/** A part of the list of models, as clients of the Messages API page through one. */
import { ApiError } from "../../http/errors.ts";

/** What the API takes at most, and what there is without a limit: clients that do not page should see every model. */
const maxLimit = 1000;

export interface ModelPage<T> {
  data: T[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** @throws ApiError that names the parameter */
export function pageOf<T extends { id: string }>(all: readonly T[], query: URLSearchParams): ModelPage<T> {
  const limit = limitOf(query.get("limit"));
  const [after, before] = [query.get("after_id"), query.get("before_id")];
  if (after !== null && before !== null) throw wrong("before_id", "it cannot be given together with after_id");
  // Before a model is the page that ends at it.
  const end = before === null ? all.length : placeOf(all, before, "before_id");
  const start = after === null ? (before === null ? 0 : Math.max(0, end - limit)) : placeOf(all, after, "after_id") + 1;
  const data = all.slice(start, Math.min(end, start + limit));
  return {
    data,
    has_more: before === null ? start + data.length < all.length : start > 0,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function limitOf(text: string | null): number {
  if (text === null) return maxLimit;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maxLimit) throw wrong("limit", `it must be a whole number from 1 to ${maxLimit}`);
  return limit;
}

function placeOf(all: readonly { id: string }[], id: string, param: string): number {
  const place = all.findIndex((one) => one.id === id);
  if (place === -1) throw wrong(param, "there is no model of that id");
  return place;
}

const wrong = (param: string, why: string) => new ApiError("invalid_request", `${param}: ${why}.`, { param });
