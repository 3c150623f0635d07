/** What can be wrong with a path below the workspaces root, said once. How it looks over HTTP: http/workspace-errors.ts. */

export type WorkspaceErrorKind =
  /** It leads, or tries to lead, out of the root. */
  | "outside"
  | "missing"
  | "not_a_folder"
  | "is_a_folder"
  /** Something is there already. */
  | "exists"
  /** No path at all, or of something that is neither file nor folder. */
  | "invalid"
  /** The server's own user may not. */
  | "denied"
  /** The disk is. */
  | "full";

/** A refusal. The message is fit for a client: it names nothing of the host beyond the path that was asked for. */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";

  constructor(
    readonly kind: WorkspaceErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const missing = (path: string): WorkspaceError =>
  new WorkspaceError("missing", `There is nothing at ${quoted(path)}.`);

export const outside = (path: string): WorkspaceError =>
  new WorkspaceError("outside", `${quoted(path)} leads outside the workspaces root.`);

export const notAFolder = (path: string): WorkspaceError =>
  new WorkspaceError("not_a_folder", `${quoted(path)} is a file, not a folder.`);

export const isAFolder = (path: string): WorkspaceError =>
  new WorkspaceError("is_a_folder", `${quoted(path)} is a folder, not a file.`);

export const exists = (path: string): WorkspaceError =>
  new WorkspaceError("exists", `There is something at ${quoted(path)} already.`);

export const notAFile = (path: string): WorkspaceError =>
  new WorkspaceError("invalid", `${quoted(path)} is neither a file nor a folder.`);

/** What the system says about a path, as a refusal; what says nothing about the path comes back as it is. */
export function fromSystem(error: unknown, path: string): unknown {
  const make = systemErrors[codeOf(error) ?? ""];
  return make ? make(path, error) : error;
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

const denied = (path: string, cause: unknown) =>
  new WorkspaceError("denied", `The server may not do that at ${quoted(path)}.`, { cause });
const full = (_: string, cause: unknown) => new WorkspaceError("full", "There is no room left on the disk.", { cause });
const tooLong = (_: string, cause: unknown) =>
  new WorkspaceError("invalid", "A name in the path is too long.", { cause });

const elsewhere = (path: string, cause: unknown) =>
  new WorkspaceError("invalid", `${quoted(path)} lies on another file system, where it cannot be moved to.`, { cause });

const systemErrors: Record<string, (path: string, cause: unknown) => WorkspaceError> = {
  ENOENT: missing,
  ENOTDIR: notAFolder,
  EISDIR: isAFolder,
  EEXIST: exists,
  ENOTEMPTY: exists,
  // Only ever after a check found something else: swapped in between.
  ELOOP: outside,
  ENXIO: notAFile,
  ENAMETOOLONG: tooLong,
  EXDEV: elsewhere,
  EINVAL: notAFile,
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  EBUSY: denied,
  ETXTBSY: denied,
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
};

/** As JSON, so that no control character of a name reaches a log or a terminal. */
const quoted = (path: string): string => JSON.stringify(path === "" ? "/" : path);
