/**
 * Addresses that climb out of the files with `..`, plain or encoded. Bun resolves dots before anybody sees an address, so
 * that such a request would look like one for another route; but Bun's own router matches what was sent.
 */
import { ApiError } from "./errors.ts";
import { errorResponse } from "./families.ts";
import { contextOf } from "./request-context.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

const below = "/files/";

/** What `Bun.serve` hands to `refuseClimbing`: matched as sent. */
export const climbingPattern = `${below}*`;

export const refuseClimbing =
  (fetch: Fetch): Fetch =>
  (request) => {
    if (new URL(request.url).pathname.startsWith(below)) return fetch(request);
    const error = new ApiError("invalid_request", "The path leads outside the workspaces root.");
    return errorResponse("workspace", error, contextOf(request).id);
  };
