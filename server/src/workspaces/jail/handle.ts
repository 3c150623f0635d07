/**
 * Something on the disk held open, so that what was checked is what is used: names are looked up in the folder that is
 * held, whatever its path leads to by then. Linux reaches a held folder through `/proc/self/fd`; elsewhere the path is
 * used and checked again after each opening, which leaves a narrow gap for writes.
 */
import { type BigIntStats, close, closeSync, constants, existsSync, fstat, open, realpath } from "node:fs";
import { promisify } from "node:util";
import { codeOf, outside } from "../errors.ts";

/** Nothing is read or waited for, and a link is held itself instead of followed. Linux only, and not among Bun's constants. */
const O_PATH = 0o10000000;

const openFd = promisify(open);
const statFd = promisify(fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;
const realPath = promisify(realpath);

/** Whether held folders can be reached without their path. */
export const canAnchor = process.platform === "linux" && existsSync("/proc/self/fd");

export class Handle implements Disposable {
  #open = true;

  private constructor(
    readonly fd: number,
    readonly stats: BigIntStats,
    /** Leads to this and nothing else while it is held; for one without an anchor, its real path. */
    readonly path: string,
    readonly anchored: boolean,
  ) {}

  /** @param path absolute, with its links resolved */
  static async folder(path: string, anchored = canAnchor): Promise<Handle> {
    return Handle.#hold(path, constants.O_DIRECTORY, anchored);
  }

  /** How to reach a name in this folder. The name may stand for a link: whoever uses this follows none. */
  child(name: string): string {
    return `${this.path}/${name}`;
  }

  /** What a name in this folder stands for; null when it stands for nothing. A link comes back as itself. */
  async find(name: string): Promise<Handle | "link" | null> {
    try {
      const found = await Handle.#hold(this.child(name), 0, this.anchored);
      if (!found.stats.isSymbolicLink()) return found;
      found.close();
      return "link";
    } catch (error) {
      if (codeOf(error) === "ELOOP") return "link";
      if (codeOf(error) === "ENOENT") return null;
      throw error;
    }
  }

  /** The same file again, to read from: a number to close. Only for what is known to be a plain file or a folder. */
  reopen(): Promise<number> {
    // Not waiting matters if this is a file that blocks after all.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    return openFd(this.path, this.anchored ? flags : flags | constants.O_NOFOLLOW);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    // Not in this thread: the last to let go of a large file that was removed waits for its blocks to be freed.
    close(this.fd, () => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static async #hold(path: string, flags: number, anchored: boolean): Promise<Handle> {
    const how = anchored ? O_PATH : constants.O_RDONLY | constants.O_NONBLOCK;
    const fd = await openFd(path, how | constants.O_NOFOLLOW | flags);
    try {
      const stats = await statFd(fd, { bigint: true });
      if (!anchored && (await realPath(path)) !== path) throw outside("it");
      return new Handle(fd, stats, anchored ? `/proc/self/fd/${fd}` : path, anchored);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}
