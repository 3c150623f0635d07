/** The typed client of `/api`, and the one kind of failure that it throws. */
import { treaty } from "@elysiajs/eden";
import type { App } from "@lodge/server/app";
import { problem } from "@lodge/shared";
import { ApiFailure } from "./api-failure.ts";

export { ApiFailure } from "./api-failure.ts";

const client = treaty<App>(window.location.origin, {
  // A workspace called `2026-11-21` is a name, not a date.
  parseDate: false,
});

/** The dashboard's routes. */
export const api = client.api;

/** The data of a reply; throws an ApiFailure whose message can be shown to a person. */
export async function answer<T>(
  reply: Promise<{ data: T; error: null; status: number } | { data: null; error: { value: unknown }; status: number }>,
): Promise<T> {
  const settled = await reply.catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (settled.error === null) return settled.data;
  // Eden reports a fetch that failed as status 503 with the error as its value.
  if (settled.error.value instanceof Error) throw unreachable(settled.error.value);
  const told = problem.safeParse(settled.error.value);
  throw new ApiFailure(
    settled.status,
    told.success ? told.data.detail : `The server answered with status ${settled.status}.`,
  );
}

function unreachable(cause: unknown): ApiFailure {
  return new ApiFailure(0, `No answer from ${window.location.host}.`, { cause });
}
