/** Days as a date field has them, `2026-11-21`, in the reader's own time. */

/** The last millisecond of a day; null where none was chosen. */
export function endOfDay(day: string): number | null {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day.split("-").map(Number);
  const end = new Date(year, month - 1, date, 23, 59, 59, 999);
  // A day that the calendar does not have is read as a later one.
  return end.getMonth() === month - 1 && end.getDate() === date ? end.getTime() : null;
}

export function dayOf(at: number | null): string {
  if (at === null) return "";
  const day = new Date(at);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

const two = (number: number): string => String(number).padStart(2, "0");
