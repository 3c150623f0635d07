/** How a refused path looks to a client of whichever family. */
import type { WorkspaceError, WorkspaceErrorKind } from "../workspaces/errors.ts";
import { ApiError, type ErrorKind } from "./errors.ts";

const kinds: Record<WorkspaceErrorKind, ErrorKind> = {
  outside: "invalid_request",
  missing: "not_found",
  not_a_folder: "invalid_request",
  is_a_folder: "invalid_request",
  exists: "conflict",
  invalid: "invalid_request",
  denied: "permission",
  full: "unavailable",
};

export const fromWorkspaceError = (error: WorkspaceError): ApiError =>
  new ApiError(kinds[error.kind], error.message, { cause: error });
