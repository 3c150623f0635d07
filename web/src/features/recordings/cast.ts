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

/** A time in which nothing happened, longer than the player lets it be. Seconds of the recording. */
interface Pause {
  from: number;
  to: number;
  /** What was cut off up to its end, of this and all before it. */
  cut: number;
}

/** Tells the time of day by the player's seconds and the other way round: the player cuts long pauses short. */
export class CastClock {
  /** Milliseconds since the epoch. */
  readonly #startedAt: number;
  readonly #pauses: Pause[] = [];
  /** Seconds up to the latest event. */
  #length = 0;

  /** @param idleSeconds that a pause takes at most when it is played */
  constructor(cast: string, startedAt: number, idleSeconds: number) {
    this.#startedAt = startedAt;
    let cut = 0;
    for (const [, time] of cast.matchAll(/^\[(\d+(?:\.\d+)?), ?"/gm)) {
      const to = Number(time);
      const from = this.#length;
      this.#length = to;
      if (to - from <= idleSeconds) continue;
      cut += to - from - idleSeconds;
      this.#pauses.push({ from, to, cut });
    }
  }

  /** The latest moment of which it knows the screen. */
  get end(): number {
    return this.timeOf(this.#length);
  }

  /** The player's seconds at which the screen is as it was at this moment. */
  secondsAt(moment: number): number {
    const real = Math.min(this.#length, Math.max(0, (moment - this.#startedAt) / 1000));
    const next = this.#pauses.findIndex(({ to }) => to > real);
    const cut = (next === -1 ? this.#pauses.at(-1) : this.#pauses[next - 1])?.cut ?? 0;
    const pause = this.#pauses[next];
    // In the midst of a pause it is as at its beginning, and as long as that lasts.
    return pause === undefined ? real - cut : Math.min(real - cut, pause.to - pause.cut);
  }

  /** The moment of an event, by the recording's own seconds. */
  timeOf(seconds: number): number {
    return this.#startedAt + seconds * 1000;
  }

  /** The moment that the player shows after so many seconds. */
  momentAt(seconds: number): number {
    const cut = this.#pauses.findLast((pause) => pause.to - pause.cut <= seconds)?.cut ?? 0;
    return this.timeOf(seconds + cut);
  }
}

/** When a recording's first event was, in milliseconds since the epoch, where its beginning had to make room. */
export function cutStart(cast: string): number | null {
  const [, timestamp] = /^\{.*"timestamp": ?(\d+)/.exec(cast) ?? [];
  return timestamp === undefined ? null : Number(timestamp) * 1000;
}
