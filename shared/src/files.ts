/** Files of a workspace, as the dashboard sees them. Every path is below the workspace, and empty for the workspace itself. */
import { z } from "zod";
import { limits } from "./limits.ts";

/** Bounds of what is told of files. Bytes unless said otherwise. */
export const fileLimits = {
  /** Names in the listing of one folder. */
  names: 100_000,
  /** Of a file whose text is shown whole, and can be edited. */
  text: 2 * 1024 * 1024,
  /** Matches of one search. */
  matches: 1000,
  /** Characters of a line that a search shows. */
  line: 300,
  /** Folders of which one page is told that they changed. */
  watched: 100,
  /** Changed files that git's state tells of. */
  gitChanges: 5000,
  /** Commits of a file's history. */
  commits: 100,
  /** Deleted files and folders that can be brought back. */
  deleted: 500,
} as const;

const path = z.string().max(limits.path);
const name = z.string().max(limits.name);

/** Answer of `GET …/files`: what is in one folder. Names alone, since a folder may have tens of thousands. */
export const folderListing = z.object({
  path,
  /** In the order in which a person looks for them. */
  folders: z.array(name),
  files: z.array(name),
  /** There are more than a listing tells of. */
  truncated: z.boolean(),
  /** Which names it has: the same as what its changes are told with. */
  version: name,
});
export type FolderListing = z.infer<typeof folderListing>;

/** Answer of `GET …/files/info`. */
export const fileInfo = z.discriminatedUnion("type", [
  z.object({ type: z.literal("dir"), path, /** Milliseconds since the epoch. */ modifiedAt: z.number().int() }),
  z.object({
    type: z.literal("file"),
    path,
    modifiedAt: z.number().int(),
    size: z.number().int().min(0),
    /** Which content it has: quoted, as HTTP has it. */
    etag: name,
    mediaType: name,
    /** Whether its beginning is UTF-8 without a zero byte. */
    isText: z.boolean(),
  }),
]);
export type FileInfo = z.infer<typeof fileInfo>;

/** Body of requests that name one path. */
export const pathForm = z.object({ path: path.min(1, "a path is missing") });
/** Body of `POST …/files/move` and `…/copy`. */
export const moveForm = z.object({ from: path.min(1, "a path is missing"), to: path.min(1, "a path is missing") });

/** Something that was deleted and can be brought back. */
export const deletedFile = z.object({
  id: z.uuid(),
  path,
  type: z.enum(["dir", "file"]),
  /** Milliseconds since the epoch. */
  deletedAt: z.number().int(),
  bytes: z.number().int().min(0),
});
export type DeletedFile = z.infer<typeof deletedFile>;

/** Events of `GET …/files/search`, in the order in which they are found. */
export const searchEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("match"),
    path,
    /** Counted from 1, with the text of that line; absent where only names were asked for. */
    line: z.number().int().min(1).optional(),
    text: z.string().max(fileLimits.line).optional(),
  }),
  /** `truncated`: not everything was looked at, or not everything that was found is here. */
  z.object({ type: z.literal("end"), truncated: z.boolean() }),
  z.object({ type: z.literal("failed"), message: z.string().max(limits.text) }),
]);
export type SearchEvent = z.infer<typeof searchEvent>;

/** Events of `GET …/files/changes`. */
export const fileChange = z.discriminatedUnion("type", [
  /** The line stands. What is not told of from here on is of these versions: a folder's own, a file's tag, null where nothing is. */
  z.object({ type: z.literal("watching"), seen: z.array(z.object({ path, version: name.nullable() })) }),
  /** Names were added to it, taken from it, or it is not there any more. */
  z.object({ type: z.literal("folder"), path }),
  /** Its content is another, or it is gone. */
  z.object({ type: z.literal("file"), path }),
]);
export type FileChange = z.infer<typeof fileChange>;

export const gitState = z.enum(["modified", "added", "deleted", "renamed", "untracked", "conflicted"]);
export type GitState = z.infer<typeof gitState>;

/** Answer of `GET …/files/git`: null in a folder that is in no repository. */
export const gitStatus = z.object({
  repository: z
    .object({
      /** Null where no branch is checked out. */
      branch: name.nullable(),
      ahead: z.number().int().min(0),
      behind: z.number().int().min(0),
      /** A folder's path ends in a slash: all that is in it is of that state. */
      changes: z.array(z.object({ path, state: gitState })),
      truncated: z.boolean(),
    })
    .nullable(),
});
export type GitStatus = z.infer<typeof gitStatus>;

/** Answer of `GET …/files/git/history`: the newest first. */
export const fileHistory = z.object({
  commits: z.array(
    z.object({
      id: z.string().regex(/^[\da-f]{40,64}$/),
      author: name,
      /** Milliseconds since the epoch. */
      at: z.number().int(),
      subject: z.string().max(limits.text),
      /** Where the file was after the commit, and before it where that was elsewhere; from the top of the repository. */
      path,
      previousPath: path.nullable(),
    }),
  ),
});
export type FileHistory = z.infer<typeof fileHistory>;

/** Answer of `GET …/files/git/diff`: the file before and after. Null where it was not there, is no text, or is too long. */
export const fileDiff = z.object({ before: z.string().nullable(), after: z.string().nullable() });
export type FileDiff = z.infer<typeof fileDiff>;
