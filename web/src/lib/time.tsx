/** Times that tick. Each is a leaf, so that a second passing renders only the few words that change. */
import { useClockText } from "./clock.ts";
import { ago, dateTime, elapsed } from "./format.ts";

export function Elapsed({ since }: { since: number }) {
  const text = useClockText((now) => elapsed(now - since));
  return <span title={`since ${dateTime(since)}`}>{text}</span>;
}

export function Ago({ at }: { at: number }) {
  const text = useClockText((now) => ago(at, now));
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {text}
    </time>
  );
}
