/** The totals of the whole span. */
import type { UsageReport, UsageTimes } from "@lodge/shared";
import { Figure, Figures } from "../../lib/figures.tsx";
import { compact, cost, duration, exact } from "../../lib/format.ts";

const spread = (times: UsageTimes): string =>
  times === null ? "" : `9 in 10 within ${duration(times.p90)}, 99 in 100 within ${duration(times.p99)}`;

export function Tiles({ report: { totals, turnMs, firstTokenMs } }: { report: UsageReport }) {
  const all = totals.inputTokens + totals.outputTokens + totals.cacheReadTokens + totals.cacheCreationTokens;
  const tiles: [label: string, value: string, detail: string][] = [
    ["Cost", cost(totals.costUsd), totals.turns === 0 ? "" : `${cost(totals.costUsd / totals.turns)} a turn`],
    ["Tokens", compact(all), `${compact(totals.inputTokens)} in, ${compact(totals.outputTokens)} out`],
    [
      "From the cache",
      all === 0 ? "–" : `${Math.round((100 * totals.cacheReadTokens) / all)}%`,
      `${compact(totals.cacheReadTokens)} read, ${compact(totals.cacheCreationTokens)} written`,
    ],
    ["First token", firstTokenMs === null ? "–" : duration(firstTokenMs.p50), spread(firstTokenMs)],
    ["Turn time", turnMs === null ? "–" : duration(turnMs.p50), spread(turnMs)],
  ];
  return (
    <Figures label={`Totals of ${exact(totals.turns)} turns`}>
      {tiles.map(([label, value, detail]) => (
        <Figure key={label} name={label} value={value}>
          {detail}
        </Figure>
      ))}
    </Figures>
  );
}
