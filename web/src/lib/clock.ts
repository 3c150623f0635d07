/**
 * One clock for everything on the page that ticks, in the server's time: a laptop whose own clock is wrong must not
 * show a turn as busy for an hour. It runs only while something watches it.
 */
import { useSyncExternalStore } from "react";

/** Differences below this many milliseconds are the trip and the rounding of the `date` header to whole seconds. */
const noticeableMs = 2000;

let offsetMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** Takes the server's time from the `date` header of a reply that has just arrived. */
export function setServerDate(header: string | null, now = Date.now()): void {
  const difference = header === null ? Number.NaN : Date.parse(header) - now;
  offsetMs = Math.abs(difference) >= noticeableMs ? difference : 0;
}

/** Milliseconds since the epoch, whole seconds, so that all that is shown together is from the same moment. */
export function serverNow(): number {
  return Math.floor((Date.now() + offsetMs) / 1000) * 1000;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A text that depends on the time; the component renders again only when the text has changed. */
export function useClockText(text: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => text(serverNow()));
}
