/** From a request's address to a path below the workspaces root. */
import { WorkspaceError } from "../../workspaces/workspaces.ts";

/** What comes before the path. */
export const prefix = "/files";

/**
 * Decoded once: what is encoded twice is the name that it then spells. A `/` that was encoded still parts names, since no
 * name can hold one.
 *
 * @throws WorkspaceError when it is absolute, or not to be decoded
 */
export function pathOf(request: Request): string {
  const { pathname } = new URL(request.url);
  const path = decode(pathname.slice(prefix.length + 1));
  // Elsewhere one slash stands for the root. Here the root is `/files`, and a further slash asks for the host's own.
  if (path.startsWith("/")) {
    throw new WorkspaceError("outside", "An absolute path is refused: paths start at the workspaces root.");
  }
  return path;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new WorkspaceError("invalid", "The path is not valid UTF-8, percent-encoded.", { cause });
  }
}
