/** The `range` header: one range of bytes. Several at once are answered with the whole, as HTTP allows. */

export interface Range {
  start: number;
  /** Exclusive. */
  end: number;
}

/** Null stands for the whole file, as for everything that HTTP has ignored. */
export function rangeOf(header: string | null, size: number): Range | "unsatisfiable" | null {
  const [, from, to] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return null;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(from);
  const last = to === "" ? size - 1 : Number(to);
  if (to !== "" && last < start) return null;
  return start >= size ? "unsatisfiable" : { start, end: Math.min(last + 1, size) };
}
