import type { UsageReport } from "@lodge/shared";
/** A measure over time, stacked by group. */
import { BarChart } from "@mantine/charts";
import { compact, cost, exact } from "../../lib/format.ts";
import { barsOf } from "./bars.ts";
import { looksOf } from "./groups.ts";
import { type MeasureName, measures } from "./search.ts";
import "@mantine/charts/styles.css";
import classes from "./page.module.css";

const dayMs = 24 * 3_600_000;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Ticks stand close together where little was spent: two digits would make several of them the same. */
function costTick(usd: number): string {
  if (usd === 0 || usd >= 0.1) return cost(usd);
  return `$${usd.toFixed(usd < 0.001 ? 6 : usd < 0.01 ? 4 : 3)}`;
}

export function UsageChart({ report, measure }: { report: UsageReport; measure: MeasureName }) {
  const looks = looksOf(report);
  const label = (at: number): string => {
    if (report.bucketMs >= dayMs) return date.format(at);
    return report.to - report.from <= dayMs ? clock.format(at) : `${date.format(at)}, ${clock.format(at)}`;
  };
  const data = barsOf(report, measure).map((bar) => ({ ...bar, label: label(bar.at) }));
  return (
    <figure className={classes["chart"]} aria-label={`${measures[measure]} over time`}>
      <BarChart
        h={260}
        data={data}
        dataKey="label"
        type="stacked"
        series={looks.map(({ name, colour }, index) => ({ name: `g${index}`, label: name, color: colour }))}
        valueFormatter={measure === "cost" ? cost : exact}
        yAxisProps={{ tickFormatter: measure === "cost" ? costTick : compact, width: 64 }}
        xAxisProps={{ minTickGap: 24 }}
        tickLine="none"
        gridAxis="x"
        barProps={{ isAnimationActive: false }}
      />
    </figure>
  );
}
