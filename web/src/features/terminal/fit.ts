/** How large letters may be so that a terminal of another's size is seen whole. */

export interface Size {
  cols: number;
  rows: number;
}

/** Pixels: below that nobody can read it, and scrolling is better. */
const smallest = 3;

/**
 * @param preferred pixels of a letter, as the person wants it
 * @param fitting the size that the window has room for at that
 * @param actual the terminal's
 * @returns pixels, in halves
 */
export function fontSizeFor(preferred: number, fitting: Size, actual: Size): number {
  const factor = Math.min(1, fitting.cols / actual.cols, fitting.rows / actual.rows);
  return Math.max(smallest, Math.floor(preferred * factor * 2) / 2);
}
