/** What ended a turn, as a client may hear of it. */
import { ApiError } from "../../../http/errors.ts";
import { fromSessionError } from "../../../http/session-errors.ts";
import { fromWorkspaceError } from "../../../http/workspace-errors.ts";
import { SessionError } from "../../../sessions/index.ts";
import { WorkspaceError } from "../../../workspaces/errors.ts";

/** @param onUnexpected told of what nobody expected */
export function toApiError(thrown: unknown, onUnexpected: (error: unknown) => void): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof SessionError) return fromSessionError(thrown);
  if (thrown instanceof WorkspaceError) return fromWorkspaceError(thrown);
  onUnexpected(thrown);
  return new ApiError("internal", "Something went wrong in the server.", { cause: thrown });
}
