/** How large a workspace is, as far as is looked; what is asked again soon is not counted again. */
import { opendir, lstat } from "node:fs/promises";
import { join } from "node:path";

export interface Size {
  bytes: number;
  files: number;
  /** There are more files than are counted. */
  truncated: boolean;
}

/** Files of one workspace that are counted. */
const maxFiles = 100_000;
/** Milliseconds for which a size is good. */
const keepMs = 60_000;
/** Workspaces whose size is remembered. */
const maxKept = 1000;

export class Sizes {
  readonly #kept = new Map<string, { at: number; size: Promise<Size> }>();

  /** @param folder absolute */
  of(folder: string): Promise<Size> {
    const kept = this.#kept.get(folder);
    if (kept && Date.now() - kept.at < keepMs) return kept.size;
    const size = measure(folder);
    this.#kept.delete(folder);
    this.#kept.set(folder, { at: Date.now(), size });
    size.catch(() => this.#kept.delete(folder));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    return size;
  }

  forget(folder: string): void {
    this.#kept.delete(folder);
  }
}

/** Links count as nothing: what they lead to is in its own place. */
async function measure(folder: string): Promise<Size> {
  const size: Size = { bytes: 0, files: 0, truncated: false };
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const opened = await opendir(next).catch(() => null);
    if (opened === null) continue;
    for await (const entry of opened) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile()) continue;
      if (size.files === maxFiles) return { ...size, truncated: true };
      size.files++;
      // It may be gone meanwhile.
      size.bytes += (await lstat(path).catch(() => null))?.size ?? 0;
    }
  }
  return size;
}
