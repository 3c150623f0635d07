/** A file's content for the dashboard: sent so that it can run nothing there, and written only over what its writer saw. */
import { ApiError } from "../../http/errors.ts";
import { OpenFile, type Version, type WorkspaceFiles, type Written } from "../../workspaces/files/index.ts";
import { WorkspaceError } from "../../workspaces/workspaces.ts";
import { download } from "../files/download.ts";
import { upload } from "../files/upload.ts";

/** @param asAttachment for a file to keep, whatever it is */
export async function sendContent(
  files: WorkspaceFiles,
  full: string,
  request: Request,
  asAttachment: boolean,
): Promise<Response> {
  const found = await files.open(full);
  if (!(found instanceof OpenFile)) {
    throw new WorkspaceError("is_a_folder", "That is a folder: its archive can be had instead.");
  }
  const headers: Record<string, string> = {};
  // A browser's own viewer runs in a place of its own, but not where everything is forbidden; the type cannot be mistaken.
  if (/\.pdf$/i.test(full)) headers["content-security-policy"] = "frame-ancestors 'self'";
  if (asAttachment) headers["content-disposition"] = attachment(full.slice(full.lastIndexOf("/") + 1));
  return download(request, found, headers);
}

/** @throws ApiError 412 when the file is not what its writer saw; `onOther` is told what it is instead */
export async function receiveContent(
  files: WorkspaceFiles,
  full: string,
  request: Request,
  onOther: (current: Version | null) => void,
): Promise<Written> {
  if (!request.headers.has("if-match") && !request.headers.has("if-none-match")) {
    throw new ApiError(
      "invalid_request",
      "Say what is to be replaced: `if-match` with its tag, or `if-none-match: *`.",
      {
        param: "if-match",
      },
    );
  }
  try {
    return await upload(files, full, request);
  } catch (error) {
    if (error instanceof ApiError && error.kind === "precondition_failed") onOther(await versionAt(files, full));
    throw error;
  }
}

async function versionAt(files: WorkspaceFiles, full: string): Promise<Version | null> {
  const found = await files.open(full).catch(() => null);
  if (!(found instanceof OpenFile)) return null;
  using file = found;
  return file.version;
}

/** Any name, for browsers of any age. */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
