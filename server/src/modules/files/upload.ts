/** A request's body as a file's new content. */
import { ApiError } from "../../http/errors.ts";
import { BrokenUploadError, TooLargeError, type Written } from "../../workspaces/files/index.ts";
import { WorkspaceError } from "../../workspaces/workspaces.ts";
import { requireUnchanged } from "./conditions.ts";
import type { FileAccess } from "./reachable.ts";

/** @throws ApiError, WorkspaceError */
export async function upload(files: FileAccess, path: string, request: Request): Promise<Written> {
  const { headers } = request;
  if (path.endsWith("/")) throw new WorkspaceError("is_a_folder", "A path that ends in `/` is a folder's.");
  if (headers.has("content-range")) {
    throw new ApiError("invalid_request", "A file is written whole: `content-range` is not for PUT.");
  }
  const announced = headers.get("content-length");
  const length = announced === null ? undefined : Number(announced);
  const tooLarge = (cause?: unknown) =>
    new ApiError("too_large", `The body is larger than the limit of ${files.maxBytes} bytes.`, { cause });
  if (length !== undefined && length > files.maxBytes) throw tooLarge();
  try {
    return await files.write(path, request.body ?? new Blob([]).stream(), {
      length,
      check: (current) => requireUnchanged(headers, current),
    });
  } catch (error) {
    if (error instanceof TooLargeError) throw tooLarge(error);
    if (error instanceof BrokenUploadError) throw new ApiError("invalid_request", error.message, { cause: error });
    throw error;
  }
}
