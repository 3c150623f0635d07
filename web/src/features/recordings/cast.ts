/** What the page itself reads of a recording; to play it is the player's. */

export interface Mark {
  /** Seconds since the beginning. */
  at: number;
  text: string;
}

/** Places where turns began, in their order. */
export function marksOf(cast: string): Mark[] {
  return [...cast.matchAll(/^\[(\d+(?:\.\d+)?), ?"m", ?(".*")\]$/gm)].map(([, at, text]) => ({
    at: Number(at),
    text: JSON.parse(text as string) as string,
  }));
}

/** `0:07`, `12:30`, `1:02:05`. */
export function playTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
