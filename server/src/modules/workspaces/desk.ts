/** What an operator does with whole workspaces: each is made, renamed and deleted whole, and never under somebody's work. */
import { createWriteStream, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { WorkspaceDetails } from "@lodge/shared";
import { ApiError } from "../../http/errors.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import type { SessionManager } from "../../sessions/index.ts";
import type { WorkspaceSettingsStore } from "../../store/workspace-settings-store.ts";
import type { WorkspaceFiles } from "../../workspaces/files/index.ts";
import type { Trash } from "../../workspaces/files/trash.ts";
import { readStatus } from "../../workspaces/git-read.ts";
import { GitError } from "../../workspaces/git.ts";
import { clone, type CloneProgress, isRemote } from "../../workspaces/manage/clone.ts";
import { Sizes } from "../../workspaces/manage/measure.ts";
import { unpack } from "../../workspaces/manage/unpack.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";

export interface WorkspaceDeskParts {
  workspaces: Workspaces;
  files: WorkspaceFiles;
  trash: Trash;
  settings: WorkspaceSettingsStore;
  sessions: SessionManager;
  jobs: Jobs;
  /** Where archives lie while they are unpacked; made when it is missing. */
  folder: string;
  /** Bytes of an archive. */
  maxArchiveBytes: number;
  /** Bytes of all that is in one. */
  maxUnpackedBytes?: number;
}

/** Milliseconds for a clone. */
const cloneMs = 30 * 60_000;
/** Files of one archive. */
const maxEntries = 200_000;
const defaultUnpackedBytes = 16 * 1024 ** 3;
/** Changed files of a workspace that are counted. */
const maxChanges = 1000;

export class WorkspaceDesk {
  readonly #parts: WorkspaceDeskParts;
  readonly #sizes = new Sizes();

  constructor(parts: WorkspaceDeskParts) {
    this.#parts = parts;
    mkdirSync(parts.folder, { recursive: true, mode: 0o700 });
  }

  /** @throws WorkspaceError when there is no such workspace */
  async details(name: string, signal: AbortSignal): Promise<WorkspaceDetails> {
    const { workspaces } = this.#parts;
    const cwd = await workspaces.resolve(name);
    const [size, status] = await Promise.all([
      this.#sizes.of(cwd),
      readStatus({ cwd, root: workspaces.root, signal }, maxChanges).catch((error: unknown) => {
        if (error instanceof GitError) return null;
        throw error;
      }),
    ]);
    if (status === null) return { name, size, git: null };
    const { branch, ahead, behind, changes, truncated } = status;
    return { name, size, git: { branch, ahead, behind, changed: changes.length, many: truncated } };
  }

  /** @throws WorkspaceError `exists` */
  async create(name: string): Promise<void> {
    await this.#parts.files.makeFolder(name);
  }

  /** @throws WorkspaceError `exists`, or `invalid` with git's own words; ApiError for an address that is none */
  async clone(
    name: string,
    url: string,
    signal: AbortSignal,
    onProgress: (progress: CloneProgress) => void,
  ): Promise<void> {
    if (!isRemote(url)) {
      throw new ApiError("invalid_request", "url: give the address of a repository by https, http or ssh.", {
        param: "url",
      });
    }
    const { files, workspaces } = this.#parts;
    await files.build(name, (folder) =>
      clone({ url, folder, root: workspaces.root, timeoutMs: cloneMs, signal, onProgress }),
    );
  }

  /** @throws WorkspaceError `exists`, or `invalid` when it is no archive; ApiError `too_large` */
  async import(name: string, body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const { files, folder: base, maxArchiveBytes, maxUnpackedBytes = defaultUnpackedBytes } = this.#parts;
    const held = await mkdtemp(join(base, "archive-"));
    try {
      const archive = join(held, "archive");
      await pipeline(bounded(body, maxArchiveBytes), createWriteStream(archive, { mode: 0o600 }), { signal });
      await files.build(name, (folder) => unpack({ archive, folder, maxBytes: maxUnpackedBytes, maxEntries, signal }));
    } finally {
      await rm(held, { recursive: true, force: true });
    }
  }

  /** With its settings and its past sessions. @throws WorkspaceError; ApiError `conflict` while somebody works in it */
  async rename(from: string, to: string): Promise<void> {
    const { workspaces, files, settings, sessions } = this.#parts;
    const before = await this.#leave(from);
    await files.move(from, to);
    const after = await workspaces.resolve(to);
    await sessions.relocate(before, after);
    settings.move(from, to);
    this.#sizes.forget(before);
  }

  /** Kept for a while like a deleted file; returns under which id. @throws as `rename` does */
  async delete(name: string): Promise<string> {
    const { trash, settings } = this.#parts;
    const cwd = await this.#leave(name);
    const { id } = await trash.put(name);
    settings.move(name, inTrash(id));
    const kept = new Set(trash.list("").map((entry) => inTrash(entry.id)));
    for (const each of settings.named(inTrash(""))) if (!kept.has(each)) settings.delete(each);
    this.#sizes.forget(cwd);
    return id;
  }

  /** Brings back what was deleted under that id; returns its name. @throws WorkspaceError */
  async restore(id: string): Promise<string> {
    const { trash, settings } = this.#parts;
    const name = await trash.restore(id, "");
    settings.move(inTrash(id), name);
    return name;
  }

  /** Nobody works there any more, or it is said who does. Returns the folder. */
  async #leave(name: string): Promise<string> {
    const { workspaces, jobs, sessions } = this.#parts;
    const cwd = await workspaces.resolve(name);
    const isWithin = (busy: string) => busy === name || busy.startsWith(`${name}/`);
    if (jobs.busyWorkspaces.some(isWithin)) {
      throw new ApiError("conflict", "A run or a job works in this workspace. Cancel it, or wait for its end.");
    }
    if (!(await sessions.clear(cwd))) {
      throw new ApiError("conflict", "A session works in this workspace. End it, or wait for the end of its turn.");
    }
    return cwd;
  }
}

/** As what the settings of a deleted workspace are kept: none below the root is called so. */
const inTrash = (id: string): string => `../trash/${id}`;

async function* bounded(body: ReadableStream<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > limit) {
      throw new ApiError("too_large", `The archive is larger than ${limit} bytes; that is the limit.`);
    }
    yield chunk;
  }
}
