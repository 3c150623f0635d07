/** Which content a file has, as far as can be told without reading it. */
import type { BigIntStats } from "node:fs";

export interface Version {
  /** Strong: quoted as it goes on the wire. */
  etag: string;
  size: number;
  modified: Date;
}

/**
 * A replaced file is another inode, a file written in place has another time or size: nanoseconds, since editors and
 * agents write twice within a millisecond. The time of the last change of mode or name is left out: that is not content.
 */
export function versionOf(stats: BigIntStats): Version {
  const tag = [stats.ino, stats.size, stats.mtimeNs].map((part) => part.toString(36)).join("-");
  return { etag: `"${tag}"`, size: Number(stats.size), modified: stats.mtime };
}
