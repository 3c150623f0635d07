/** Numbers and times as people read them. English, like the rest of the dashboard, whatever the browser's language. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long something has been going on, to the second: `7s`, `3m 05s`, `2h 07m`, `3d 4h`. */
export function elapsed(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))}s`;
  if (ms < hour) return `${Math.floor(ms / minute)}m ${two(((ms % hour) / second) % 60)}s`;
  if (ms < day) return `${Math.floor(ms / hour)}h ${two((ms % hour) / minute)}m`;
  return `${Math.floor(ms / day)}d ${Math.floor((ms % day) / hour)}h`;
}

/** How long ago something was, in the largest unit that fits: `now`, `12s ago`, `5m ago`, `3h ago`, `2d ago`, then the date. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < 5 * second) return "now";
  if (ms < minute) return `${Math.floor(ms / second)}s ago`;
  if (ms < hour) return `${Math.floor(ms / minute)}m ago`;
  if (ms < day) return `${Math.floor(ms / hour)}h ago`;
  if (ms < 14 * day) return `${Math.floor(ms / day)}d ago`;
  return dayFormat.format(at);
}

/** Day and time, complete: `21 Nov 2026, 14:03:22`. */
export function dateTime(at: number): string {
  return dateTimeFormat.format(at);
}

/** `21 Nov 2026`. */
export function calendarDay(at: number): string {
  return dayFormat.format(at);
}

/** Time of day: `14:03:22`. */
export function timeOfDay(at: number): string {
  return timeFormat.format(at);
}

/** `812`, `12.4k`, `1.2M`. */
export function compact(number: number): string {
  return compactFormat.format(number).replace("K", "k");
}

/** Every digit: `12,431`. */
export function exact(number: number): string {
  return exactFormat.format(number);
}

/** Dollars with as many digits as say something: `$0.00`, `$0.0042`, `$1.27`, `$1,204`. */
export function cost(usd: number): string {
  if (usd > 0 && usd < 0.0001) return "<$0.0001";
  if (usd > 0 && usd < 0.01) return `$${usd.toFixed(4)}`;
  return usd < 1000 ? `$${usd.toFixed(2)}` : `$${exact(Math.round(usd))}`;
}

/** What something took: `840 ms`, `3.2 s`, `4 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `812 B`, `1.4 kB`, `103 MB`: powers of a thousand. */
export function bytes(number: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = number;
  let unit = 0;
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `1 session`, `2 sessions`. */
export function count(number: number, noun: string): string {
  return `${exact(number)} ${noun}${number === 1 ? "" : "s"}`;
}

const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
const compactFormat = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const exactFormat = new Intl.NumberFormat("en");
const dayFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const timeFormat = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const dateTimeFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
