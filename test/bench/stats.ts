/** What a list of figures comes down to. */

export interface Summary {
  readonly count: number;
  readonly median: number;
  /** A quarter of the figures is at or below this. */
  readonly lower: number;
  /** A quarter is at or above this. */
  readonly upper: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { count: sorted.length, median: at(sorted, 0.5), lower: at(sorted, 0.25), upper: at(sorted, 0.75) };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * Between two figures the value is in proportion, as R and NumPy do by default.
 *
 * @param share 0 for the least, 1 for the greatest
 */
export function quantile(values: readonly number[], share: number): number {
  return at(
    values.toSorted((a, b) => a - b),
    share,
  );
}

function at(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error("there are no figures to summarize");
  return below + (above - below) * (place - Math.floor(place));
}
