/** From a path as a client writes it to the names that it is made of. No file system is asked. */
import { WorkspaceError } from "../errors.ts";

/** Bytes of one name and of a whole path that Linux and macOS take. */
const maxNameBytes = 255;
const maxPathBytes = 4096;
/** Deeper than any real tree; bounds what one request makes the disk do. */
const maxDepth = 256;

/**
 * The names from the root down; none for the root itself. One leading slash, empty names and `.` mean nothing and
 * are left out.
 *
 * @param path decoded already: a `%2e` in it is three characters of a name
 * @throws WorkspaceError `outside` when it climbs or is absolute, `invalid` when no file can have that path
 */
export function namesOf(path: string): string[] {
  if (path.includes("\0")) throw new WorkspaceError("invalid", "A path has no NUL in it.");
  // A backslash is part of a name here, but on the way it may have been a separator to somebody.
  if (path.split(/[/\\]/).includes("..")) throw new WorkspaceError("outside", "A path has no `..` in it.");
  const below = path.startsWith("/") ? path.slice(1) : path;
  if (below.startsWith("/")) {
    throw new WorkspaceError("outside", "An absolute path is refused: paths start at the workspaces root.");
  }
  if (Buffer.byteLength(below) > maxPathBytes) throw new WorkspaceError("invalid", "The path is too long.");
  const names = below.split("/").filter((name) => name !== "" && name !== ".");
  if (names.length > maxDepth) throw new WorkspaceError("invalid", "The path is too deep.");
  if (names.some((name) => Buffer.byteLength(name) > maxNameBytes)) {
    throw new WorkspaceError("invalid", "A name in the path is too long.");
  }
  return names;
}
